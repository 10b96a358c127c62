#!/bin/sh
# Copies media from a folder of the machine into the site's volume, for the application to own:
#   bring-media.sh measure FROM UID GID                 which folder it is, and how many bytes there are
#   bring-media.sh copy FROM UID GID INTO OWNER         copies them; tells on standard error how far it is
# UID and GID read: root would follow a path that the folder's owner puts in another's place meanwhile.
set -eu
command=$1 from=$2 uid=$3 gid=$4

as_reader() {
  setpriv --reuid "$uid" --regid "$gid" --clear-groups "$@"
}

case "$command" in
measure)
  as_reader stat --dereference --format=%d:%i "$from" 2>/dev/null || echo none
  as_reader du --summarize --apparent-size --block-size=1 "$from/." 2>/dev/null | cut -f 1
  ;;
copy)
  into=$5 owner=$6
  # Sockets, queues and devices are no media, nor is what an updater keeps beside them.
  list='cd "$1" && exec find . -mindepth 1 -path ./.updater -prune -o \( -type f -o -type d -o -type l \) -print0'
  {
    as_reader sh -c "$list" sh "$from" && : >/tmp/listed
  } 2>/tmp/refused | {
    as_reader tar --create --directory="$from" --null --no-recursion --files-from=- \
      --owner="$owner" --group="$owner" --numeric-owner --mode=u+rwX,go+rX &&
      : >/tmp/read
  } 2>>/tmp/refused | tar --extract --directory="$into" --same-owner --same-permissions \
    --checkpoint=500 --checkpoint-action=echo=%u
  if [ ! -e /tmp/listed ] || [ ! -e /tmp/read ]; then
    sed '/Exiting with failure status/d; s/^[^:]*: //' /tmp/refused
    exit 3
  fi
  # How many links lead to nothing in there.
  find "$into" -xtype l -printf x | wc -c
  ;;
esac
