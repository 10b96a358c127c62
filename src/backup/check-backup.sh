#!/bin/sh
# Reads a database backup of a snapshot: check-backup.sh SNAPSHOT PATH SHA256
# restic is a function that the caller defines.
sum=$(restic --quiet --no-lock dump "$1" "$2" | sha256sum)
[ "${sum%% *}" = "$3" ] || { echo "$2 is not what was verified" >&2; exit 1; }
