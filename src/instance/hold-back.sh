#!/bin/sh
# Lets the application of a slot wait before it boots: hold-back.sh SLOT USER
# It is stopped. What it has put there is replaced, and no link of its is followed.
set -eu
rm -rf "$1/held-back"
set -C
: >"$1/held-back"
chown -h "$2" "$1/held-back"
