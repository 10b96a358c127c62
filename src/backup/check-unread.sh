#!/bin/sh
# Fails when a file that could not be read is still there: check-unread.sh FILE...
for file; do
  if [ -e "$file" ]; then echo "$file cannot be read" >&2; exit 1; fi
done
