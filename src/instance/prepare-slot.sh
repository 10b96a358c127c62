#!/bin/sh
# Empties a slot for an application that is to wait there: prepare-slot.sh SLOT USER
# Slot and `static` are root's: own-slots.sh says why. The application lets itself boot by deleting `held-back`.
set -eu
chown "0:$2" "$1"
chmod 01775 "$1"
find "$1" -mindepth 1 -delete
mkdir "$1/static"
chown "0:$2" "$1/static"
chmod 00775 "$1/static"
set -C
: >"$1/held-back"
chown -h "$2" "$1/held-back"
