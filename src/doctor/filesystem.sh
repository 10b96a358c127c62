#!/bin/sh
# Prints the free bytes, the free and all inodes of a file system, then "reflinks" where it has them: filesystem.sh FOLDER
df --output=avail,iavail,itotal --block-size=1 "$1" | tail -n 1
cd "$1" || exit 1
echo 1 >one
cp --reflink=always one two 2>/dev/null && echo reflinks
