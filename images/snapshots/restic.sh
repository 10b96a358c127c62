#!/bin/sh
# restic with what it was given for the repository, which neither its arguments nor the container's show.
set -eu
while IFS= read -r line; do
  # shellcheck disable=SC2163 # the line is NAME=VALUE
  export "$line"
done </run/secrets/environment
# Users' reading and writing comes first.
exec ionice -c 3 restic "$@"
