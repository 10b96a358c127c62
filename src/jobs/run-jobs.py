"""Runs `manage.py runjobs KIND`, and says on standard output how each job ended, one JSON object a line.

runjobs (of django-extensions) catches what a job raises and ends with 0. Here each job tells before runjobs learns
of it, whatever becomes of the log. The program comes with the updater, so that it also fits images built before.
"""

import json
import os
import runpy
import sys
import time

from django_extensions.management import jobs

LONGEST_ERROR = 300

# What jobs print is output, not protocol.
protocol = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
get_jobs = jobs.get_jobs
failed = False


class Watched:
    def __init__(self, name, job):
        self.name = name
        self.job = job

    def execute(self):
        global failed
        began, error = time.monotonic(), None
        try:
            return self.job().execute()
        except BaseException as raised:
            failed = True
            error = f"{type(raised).__name__}: {raised}"[:LONGEST_ERROR]
            raise
        finally:
            took = (time.monotonic() - began) * 1000
            line = {"name": ".".join(self.name), "milliseconds": round(took), "error": error}
            protocol.write(json.dumps(line) + "\n")
            protocol.flush()


def get_watched_jobs(*arguments, **named):
    found = get_jobs(*arguments, **named)
    return {name: lambda name=name, job=job: Watched(name, job) for name, job in found.items()}


jobs.get_jobs = get_watched_jobs
sys.path.insert(0, os.getcwd())
# BiomAid looks at the first argument to decide what may be done to its tables.
sys.argv = ["manage.py", "runjobs", sys.argv[1]]
runpy.run_path("manage.py", run_name="__main__")
sys.exit(1 if failed else 0)
