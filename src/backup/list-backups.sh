#!/bin/sh
# Prints what is among the backups: list-backups.sh FOLDER
# "backup BYTES MANIFEST" (in base64) for the updater's own, "other BYTES SECONDS PATH" for the rest.
cd "$1" || exit 1
for one in updater/*.manifest; do
  test -f "$one" || continue
  printf 'backup %s %s\n' "$(stat -c %s "${one%.manifest}" 2>/dev/null || echo 0)" "$(base64 -w 0 "$one")"
done
find . -type f -not -path './updater/*' -printf 'other %s %T@ %P\n'
