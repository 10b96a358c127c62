#!/bin/sh
# Empties a slot for an application that is to wait there, and gives it to the application's user:
# prepare-slot.sh SLOT USER
set -eu
find "$1" -mindepth 1 -delete
touch "$1/held-back"
mkdir "$1/static"
chown "$2" "$1" "$1/static" "$1/held-back"
