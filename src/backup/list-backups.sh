#!/bin/sh
# Prints what is among the backups: list-backups.sh FOLDER OWNER
# "backup BYTES MANIFEST" (in base64) for the updater's own, "other BYTES SECONDS PATH" for the rest; each ends with NUL,
# which no path holds. A folder that is not the owner's or root's was made by an application: nothing in it is a backup.
cd "$1" || exit 1
case $(stat -c '%u %F' updater 2>/dev/null) in
  "0 directory" | "$2 directory")
    for one in updater/*.manifest; do
      test -f "$one" || continue
      printf 'backup %s %s\0' "$(stat -c %s "${one%.manifest}" 2>/dev/null || echo 0)" "$(base64 -w 0 "$one")"
    done
    ;;
esac
find . -type f -not -path './updater/*' -printf 'other %s %T@ %P\0'
