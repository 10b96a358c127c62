#!/bin/sh
# Prints what others have put among the backups: list-others.sh FOLDER COUNT
# "BYTES SECONDS PATH", each ended by NUL, which no path holds. Anybody may put files there: no more of them than COUNT, and
# none deeper than a person would.
cd "$1" || exit 1
find . -maxdepth 16 -type f -not -path './updater/*' -printf '%s %T@ %P\0' | head -z -n "$2"
