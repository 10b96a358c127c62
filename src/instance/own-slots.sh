#!/bin/sh
# Makes slots root's, in which an application may add what it likes: own-slots.sh GROUP SLOT...
# What is sticky and root's keeps it from renaming or deleting what is not its own: nothing takes the place of `static`.
# Earlier updaters gave slots to the application itself, which may be at work in them while this runs.
set -eu
group=$1
shift
chown "0:$group" "$@"
# Five digits: with four, chmod keeps other bits that the owner of before may have set.
chmod 01775 "$@"
for slot; do
  # Whatever it is by now stays there once it is root's; only then is it looked at.
  chown -h "0:$group" "$slot/static" 2>/dev/null || continue
  if [ -L "$slot/static" ] || [ ! -d "$slot/static" ]; then
    rm "$slot/static"
    mkdir "$slot/static"
    chown "0:$group" "$slot/static"
  fi
  chmod 00775 "$slot/static"
done
