#!/bin/sh
# Turns a symlink in one rename(2): point.sh POINTER TARGET durable|fast
set -eu
folder=${1%/*}
next=$folder/.${1##*/}.next
# -n: one that a killed updater left behind is replaced, not followed.
ln -sfn "$2" "$next"
mv -T "$next" "$1"
if [ "$3" = durable ]; then sync "$folder"; fi
