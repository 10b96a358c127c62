#!/bin/sh
# Deletes what was written to this folder and not kept.
set -eu
rm -f .draft.*
for one in *.dump *.json.bz2; do
  test -e "$one.manifest" || rm -f "$one"
done
