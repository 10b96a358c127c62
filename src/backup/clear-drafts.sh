#!/bin/sh
# Deletes what is no backup yet from the updater's folder among the backups: clear-drafts.sh FOLDER OWNER FILE...
# An application may have made what has this name, as a link too; it cannot make what is the owner's or root's.
set -eu
case $(stat -c '%u %F' "$1" 2>/dev/null) in
  "0 directory" | "$2 directory") cd "$1" ;;
  *) exit 0 ;;
esac
shift 2
rm -f "$@"
