#!/bin/sh
# Counts the requests to a unix socket that are not answered, until ENOUGH looks in a row have found none, or there
# were LOOKS: drain.sh SOCKET ENOUGH LOOKS SECONDS_BETWEEN
# Prints how many the last look found, and how many looks in a row found none.
set -eu
empty=0
looks=0
while :; do
  # State 03: being answered; 02: not accepted yet. 01, the listener, is not a request.
  open=$(awk -v path="$1" '$8 == path && ($6 == "02" || $6 == "03") { n++ } END { print n + 0 }' /proc/net/unix)
  if [ "$open" = 0 ]; then empty=$((empty + 1)); else empty=0; fi
  looks=$((looks + 1))
  if [ "$empty" = "$2" ] || [ "$looks" = "$3" ]; then break; fi
  sleep "$4"
done
echo "$open $empty"
