#!/bin/sh
# Replaces a file at once: place-file.sh FOLDER FILE BASE64 durable|fast
# Written beside and renamed, with durable each reaching the disk first: a power cut leaves the old or the new.
set -eu
cd "$1"
echo "$3" | base64 -d >"$2.next"
if [ "$4" = durable ]; then sync "$2.next"; fi
mv -T "$2.next" "$2"
if [ "$4" = durable ]; then sync .; fi
