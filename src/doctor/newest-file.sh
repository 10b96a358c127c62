#!/bin/sh
# Prints when the newest backup was written (seconds), its bytes and its path: newest-file.sh FOLDER
find "$1" -type f -size +0 ! -name '*.manifest' ! -name '.draft.*' -printf '%T@ %s %P\n' | sort -n | tail -n 1
