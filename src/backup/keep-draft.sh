#!/bin/sh
# Makes a backup of a draft: keep-draft.sh DRAFT NAME MANIFEST
# A link, unlike a renaming, does not replace what is there.
set -eu
sync "$1"
ln "$1" "$2"
rm "$1"
printf %s "$3" >"$1"
sync "$1"
ln "$1" "$2.manifest"
rm "$1"
sync .
