#!/bin/sh
# Prints the updater's own backups: list-backups.sh FOLDER OWNER
# "BYTES MANIFEST" (in base64), a line each. A folder that is not the owner's or root's was made by an application: nothing
# in it is a backup.
cd "$1" || exit 1
case $(stat -c '%u %F' updater 2>/dev/null) in
  "0 directory" | "$2 directory") ;;
  *) exit 0 ;;
esac
for one in updater/*.manifest; do
  test -f "$one" || continue
  echo "$(stat -c %s "${one%.manifest}" 2>/dev/null || echo 0) $(base64 -w 0 "$one")"
done
