#!/bin/sh
# Reads packs of a repository, whose names are the checksums of what is in them: check-packs.sh PACK...
# restic is a function that the caller defines.
for pack; do
  sum=$(restic --quiet --no-lock cat pack "$pack" | sha256sum)
  [ "${sum%% *}" = "$pack" ] || { echo "pack $pack is not what was written" >&2; exit 1; }
done
