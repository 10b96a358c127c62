#!/bin/sh
# start-program.sh PROGRAM ARGUMENT…
# Counts in the container how often it was started, and tells the program. With folders of this machine at /host it
# enters them, unless they are another machine's: the same path is another file there.
# SAME_FILE is "DEVICE:INODE PATH" of a file that the operator's command sees; USER_ID, GROUP_ID and GROUPS_ID are the operator's.
echo >>/lives
UPDATER_LIFE=$(wc -l </lives)
export UPDATER_LIFE
if [ -n "$SAME_FILE" ]; then
  # Only at first: a reboot may number the file systems of the same machine anew.
  if [ "$UPDATER_LIFE" = 1 ] && [ "$(stat -c %d:%i "/host${SAME_FILE#* }" 2>/dev/null)" != "${SAME_FILE%% *}" ]; then
    echo '{"message":"elsewhere"}'
    exit 0
  fi
  set -- chroot --userspec="$USER_ID:$GROUP_ID" --groups="$GROUPS_ID" /host "$@"
fi
exec "$@"
