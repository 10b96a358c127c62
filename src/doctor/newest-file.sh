#!/bin/sh
# Prints when the newest backup was written (seconds), its bytes and its path, which may hold line breaks:
# newest-file.sh FOLDER
find "$1" -type f -size +0 ! -name '*.manifest' ! -name '.draft.*' -printf '%T@ %s %P\0' | sort -zn | tail -zn 1 | tr -d '\0'
