#!/bin/sh
# Prints how many requests to unix sockets are not answered, how many of them are not accepted yet, and a number that
# changes when others are being answered: queue.sh SOCKET...
set -eu
awk -v paths="$*" '
  BEGIN { split(paths, list, " "); for (i in list) wanted[list[i]] = 1 }
  !($8 in wanted) { next }
  $6 == "03" { open++; answered += $7 }
  $6 == "02" { open++; waiting++ }
  END { printf "%d %d %.0f\n", open, waiting, answered }
' /proc/net/unix
