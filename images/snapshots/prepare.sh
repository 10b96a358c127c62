#!/bin/sh
# Prepares what jailed.sh enters, once the container has its secrets.
set -eu
# Its own are mounted over these two, and not seen from there.
cp /etc/resolv.conf /etc/hosts /jail/run/given/
# Programs open it, and read and write nothing there.
: >/jail/dev/null
if [ -e /run/secrets/ssh_key ]; then
  # ssh signs with a key that it cannot read.
  eval "$(ssh-agent -a /jail/tmp/agent)" >/dev/null
  # Where this key cannot be used, the server's refusal says so.
  ssh-add -q /run/secrets/ssh_key </dev/null 2>/dev/null || true
fi
