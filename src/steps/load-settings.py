"""Loads BiomAid's settings where there is no database, and says in a line of JSON what is wrong with them."""

import json
import os
import sys
import traceback

ROOT = os.getcwd() + "/"
# What the updater lays over the site's own settings.
OVERLAY = ROOT + "instance_settings.py"


def fault_of(error):
    # Another exception often says only that there was one.
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__
    if isinstance(error, SyntaxError) and error.filename:
        file, line, column = error.filename, error.lineno, error.offset
        message = error.msg
    else:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename.startswith(ROOT) and frame.filename != OVERLAY]
        file, line = (own[-1].filename, own[-1].lineno) if own else (None, None)
        column, message = None, str(error)
    if file and file.startswith(ROOT):
        file = file[len(ROOT) :]
    return {"file": file, "line": line, "column": column, "kind": type(error).__name__, "message": message}


sys.path.insert(0, os.getcwd())
# With this command BiomAid leaves its tables alone, whatever loads it.
sys.argv = ["manage.py", "migrate"]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
fault = None
try:
    from django.conf import settings

    settings.DATABASES
except BaseException as error:
    fault = fault_of(error)
print("\n" + json.dumps({"loaded": fault is None, "fault": fault}), flush=True)
