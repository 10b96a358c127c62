#!/bin/sh
# Writes a file into a folder, and deletes all but the newest there: keep-file.sh FOLDER FILE BASE64 COUNT
set -eu
mkdir -p "$1"
cd "$1"
echo "$3" | base64 -d >"$2"
# shellcheck disable=SC2012 # the names are the updater's own
ls -t | tail -n "+$(($4 + 1))" | xargs -r rm --
