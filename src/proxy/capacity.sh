#!/bin/sh
# Prints how many connections each worker of nginx takes, and how many files it may open: capacity.sh CONFIGURATION
set -eu
awk '$1 == "worker_connections" { print $2 + 0 }' "$1"
# shellcheck disable=SC3045 # dash knows it
ulimit -Hn
