"""Loads BiomAid's settings where there is no database, and says in a line of JSON what is wrong with them."""

import json
import os
import sys
import traceback

ROOT = os.getcwd() + "/"
# What the updater lays over the site's own settings.
OVERLAY = ROOT + "instance_settings.py"


def own_frames(error):
    frames = traceback.extract_tb(error.__traceback__)
    return [frame for frame in frames if frame.filename.startswith(ROOT) and frame.filename != OVERLAY]


def is_syntax(error):
    return isinstance(error, SyntaxError) and (error.filename or "").startswith(ROOT)


def fault_of(error):
    chain = [error]
    while chain[-1].__cause__ or chain[-1].__context__:
        chain.append(chain[-1].__cause__ or chain[-1].__context__)
    # What was raised last often says only that something was wrong; what libraries threw among themselves says too much.
    error = next((one for one in reversed(chain) if is_syntax(one) or own_frames(one)), error)
    file = line = column = None
    message = str(error)
    if is_syntax(error):
        file, line, column, message = error.filename, error.lineno, error.offset, error.msg
    elif own_frames(error):
        file, line = own_frames(error)[-1].filename, own_frames(error)[-1].lineno
    place = {"file": file and file[len(ROOT) :], "line": line, "column": column}
    return {**place, "kind": type(error).__name__, "message": message}


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
