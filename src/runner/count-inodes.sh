#!/bin/sh
# Prints how many files a folder has, then the free and all inodes of its file system: count-inodes.sh FOLDER
find "$1" | wc -l
df --output=iavail,itotal "$1" | tail -n 1
