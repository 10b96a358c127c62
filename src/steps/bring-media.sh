#!/bin/sh
# Copies files of users from one folder to another, those that are not there yet, or are other ones there:
#   bring-media.sh measure FROM READER INTO WRITER   which folder it is, and how many bytes are to be copied
#   bring-media.sh copy FROM READER INTO WRITER      copies them; tells on standard error how far it is
#   bring-media.sh copy-live …                       the same where somebody else writes to FROM
#   bring-media.sh copy-rest …                       the same while users wait
# READER and WRITER are user:group: root would follow a path that the folder's owner puts in another's place meanwhile.
set -eu
export LC_ALL=C
command=$1 from=$2 reader=$3 into=$4 writer=$5

as() {
  who=$1
  shift
  setpriv --reuid "${who%:*}" --regid "${who#*:}" --clear-groups "$@"
}

# Sockets, queues and devices are no media, nor is what an updater keeps beside them.
list='cd "$1" && exec find . -mindepth 1 -path ./.updater -prune -o \
  \( -type f -printf "f\t%s\t%T@\t%P\0" -o -type d -printf "d\t\t\t%P\0" -o -type l -printf "l\t\t\t%P\0" \)'

# Names of what is to be copied, in /tmp/wanted.
compare() {
  as "$reader" sh -c "$list" sh "$from" 2>/tmp/refused >/tmp/there || return 1
  as "$writer" sh -c "$list" sh "$into" 2>/tmp/refused >/tmp/here || return 1
  sort -z -o /tmp/there /tmp/there && sort -z -o /tmp/here /tmp/here &&
    comm -z -23 /tmp/there /tmp/here >/tmp/missing && cut -z -f 4- /tmp/missing >/tmp/wanted
}

# $1: what counts as read. A file that changes meanwhile is 1, one that has gone 2.
read_wanted() {
  as "$reader" tar --create --format=posix --directory="$from" --null --no-recursion --verbatim-files-from \
    --files-from=/tmp/wanted --mode=u+rwX,go+rX 2>/tmp/refused || [ $? -le "$1" ]
}

copy() {
  rm -f /tmp/read
  { read_wanted "$1" && : >/tmp/read; } | as "$writer" tar --extract --directory="$into" --same-permissions \
    --checkpoint=500 --checkpoint-action=echo=%u || rm -f /tmp/read
  [ -e /tmp/read ]
}

attempt() {
  compare && copy "$1"
}

refuse() {
  sed '/Exiting with failure status/d; s/^[^:]*: //' /tmp/refused
  exit 3
}

case "$command" in
measure)
  as "$reader" stat --dereference --format=%d:%i "$from" 2>/dev/null || echo none
  compare && cut -z -f 2 /tmp/missing | tr '\0' '\n' | awk '{ sum += $1 } END { printf "%.0f\n", sum }' || echo 0
  ;;
copy)
  attempt 0 || refuse
  ;;
copy-live | copy-rest)
  # What has gone since it was listed is not to be refused, but what cannot be read is.
  attempt 1 || attempt 1 || attempt 1 || refuse
  ;;
esac
case "$command" in
copy | copy-live)
  # How many links lead to nothing in there.
  find "$into" -xtype l -printf x | wc -c
  ;;
esac
