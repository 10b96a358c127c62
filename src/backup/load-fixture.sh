#!/bin/sh
# Loads a fixture from standard input through the application: load-fixture.sh none|bzip2
set -e
load() { python manage.py loaddata --verbosity 0 --format=json -; }
if [ "$1" = bzip2 ]; then
  python -c 'import bz2, shutil, sys; shutil.copyfileobj(bz2.open(sys.stdin.buffer), sys.stdout.buffer)' | load
else
  load
fi
