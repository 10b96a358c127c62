#!/bin/sh
# Runs a command where there are programs, restic's cache and what was mounted for it, and nothing else. An application that
# exchanges a folder for a link, while root reads its files, leads nowhere: no file there opens the repository, and /proc,
# which would show what does, is not there. Arguments and the container's variables do not show it either.
set -eu
while IFS= read -r line; do
  # shellcheck disable=SC2163 # the line is NAME=VALUE
  export "$line"
done </run/secrets/environment
RESTIC_PASSWORD=$(cat /run/secrets/password)
export RESTIC_PASSWORD
# Users' reading and writing comes first.
exec ionice -c 3 chroot /jail "$@"
