#!/bin/sh
# Makes slots root's, in which an application may add what it likes: own-slots.sh GROUP SLOT...
# What is sticky and root's keeps it from renaming or deleting what is not its own: nothing takes the place of `static`.
# Earlier updaters gave slots to the application itself, which may be at work in them while this runs.
set -eu
group=$1
shift
for slot; do
  if [ "$(stat -c '%u:%g %a' "$slot")" = "0:$group 1775" ]; then continue; fi
  # From here on the application can move nothing, until it is told what is its own. With fewer than five digits, chmod
  # would keep some of the bits that it may have set.
  chown "0:$group" "$slot"
  chmod 00755 "$slot"
  if [ -z "$(ls -A "$slot")" ]; then continue; fi
  if [ -L "$slot/static" ] || [ ! -d "$slot/static" ]; then
    rm -f "$slot/static"
    mkdir "$slot/static"
  fi
  chown "0:$group" "$slot/static"
  chmod 00775 "$slot/static"
  chmod 01775 "$slot"
done
