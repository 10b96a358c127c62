"""What the updater asks of a candidate, one JSON object a line on standard input.

{"do": "prepare"}               settings and plan of migrations; everything imported
{"do": "collectstatic"}
{"do": "migrate"}               with {"migration": NAME, "state": "started" | "finished"} lines; on a
                                copy of the data with "observe", and an {"observed": ...} line each
{"do": "check"}                 no migration is left
{"do": "knock", ...}            pages for anyone, without loading the application
{"do": "serve", "seconds": N}   lets the application boot, waits until its socket accepts
{"do": "probe", ...}            pages, signed in and not, through the application's socket
{"do": "admit", "key": K, ...}  a session of the user's, with this key
{"do": "dismiss", "key": K}     deletes it
{"do": "compare", ...}          pages as that session gets them, twice, with digests of their lines
{"do": "files"}                 files that rows name, and whether they are there

Every request is answered by one {"done": ...} or {"error": {...}} line; "done" has "waited", the
milliseconds spent waiting for a processor. The process is started as
`manage.py migrate`, the command with which BiomAid leaves its tables alone.
"""

import gc
import json
import os
import runpy
import socket
import sys
import time
import traceback

import files
import probe
import preload
from cpu_wait import waited, waited_by_all

protocol = None
loaded = False


def say(message: dict) -> None:
    protocol.write(json.dumps(message) + "\n")
    protocol.flush()


def main(held_back: str, app_socket: str) -> None:
    global protocol
    # What the application prints is output, not protocol.
    protocol = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.path.insert(0, os.getcwd())
    actions = {
        "prepare": prepare,
        "collectstatic": collectstatic,
        "migrate": migrate,
        "check": check,
        "knock": lambda request: {"pages": probe.knock(app_socket, request)},
        "serve": lambda request: serve(held_back, app_socket, request["seconds"]),
        "probe": lambda request: look_at_pages(app_socket, request),
        "admit": lambda request: loaded_first(probe.admit, request),
        "dismiss": lambda request: loaded_first(probe.dismiss, request),
        "compare": lambda request: {"pages": probe.ask_twice(app_socket, request)},
        "files": look_for_files,
    }
    if os.environ.get("BARE_METAL"):
        actions = of_bare_metal(actions)
    for line in sys.stdin:
        request = json.loads(line)
        # Booting and answering are the application's work, migrating is this process's.
        clock = waited_by_all if request["do"] in ("serve", "probe", "compare") else waited
        before = clock()
        try:
            done = actions[request["do"]](request)
            say({"done": {**done, "waited": done.get("waited", 0) + max(0, clock() - before)}})
        except BaseException as error:
            say({"error": describe(error)})
        finally:
            close_connections()


def of_bare_metal(actions: dict) -> dict:
    """Another program answers, whose database this one does not see: there is nothing to load, or to sign in to."""
    return {
        "prepare": lambda request: {"pending": []},
        "knock": actions["knock"],
        "compare": actions["compare"],
        "serve": lambda request: wait_for_answer(actions, request),
        "probe": lambda request: {"user": None, **actions["knock"](request)},
    }


def wait_for_answer(actions: dict, request: dict) -> dict:
    """What leads to it lets anybody in: only an answer, whatever it says, tells that it is there."""
    actions["serve"](request)
    deadline = time.monotonic() + request["seconds"]
    knock = {"anonymous_pages": ["/"], "host": "localhost", "user_agent": "BiomAid updater", "seconds": request["seconds"]}
    while not actions["knock"](knock)["pages"][0]["status"]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"gunicorn did not answer within {request['seconds']:.0f} s")
        time.sleep(0.1)
    return {}


def describe(error: BaseException) -> dict:
    return {
        "kind": type(error).__name__,
        "message": str(error),
        "trace": traceback.format_exception(error)[-12:],
    }


def close_connections() -> None:
    if "django.db" in sys.modules:
        from django.db import connections

        connections.close_all()


def load() -> None:
    """Settings and applications, once."""
    global loaded
    if loaded:
        return
    sys.argv = ["manage.py", "migrate", "--plan", "--verbosity", "0"]
    runpy.run_path("manage.py", run_name="__main__")
    loaded = True


def look_at_pages(app_socket: str, request: dict) -> dict:
    # The updater that watches may have come late: after a check that failed, or after another updater's death.
    load()
    return probe.run(app_socket, request)


def loaded_first(action, request: dict) -> dict:
    load()
    return action(request)


def look_for_files(request: dict) -> dict:
    load()
    return files.run()


def prepare(request: dict) -> dict:
    load()
    preload.record()
    from django.conf import settings

    if settings.DATABASES.get("default", {}).get("HOST") != "/run/biomaid/db":
        raise RuntimeError("the site's settings did not load: the database is not the updater's")
    preload.wait_until_imported()
    gc.freeze()
    return {"pending": pending()}


def pending() -> list:
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections["default"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def collectstatic(request: dict) -> dict:
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    return {}


def migrate(request: dict) -> dict:
    from contextlib import nullcontext

    from django.core.management import call_command
    from django.core.management.commands.migrate import Command
    from django.db import connection

    from observe import Observer, reason_of

    observer = Observer(connection) if request.get("observe") else None

    def progress(self, action, migration=None, fake=False):
        state = {"apply_start": "started", "apply_success": "finished"}.get(action)
        if not state:
            return
        if observer and state == "finished":
            say({"observed": observer.end()})
        say({"migration": f"{migration.app_label}.{migration.name}", "state": state})
        if observer and state == "started":
            observer.begin(migration)

    Command.migration_progress_callback = progress
    try:
        with connection.execute_wrapper(observer.execute) if observer else nullcontext():
            # The checks passed when the plan was made.
            call_command("migrate", interactive=False, verbosity=1, skip_checks=True)
        with connection.cursor() as cursor:
            # Which tables the migrations touched is asked for next, by the updater.
            cursor.execute("SELECT pg_stat_force_next_flush()")
    except Exception as error:
        if observer and observer.current:
            say({"observed": observer.end(reason_of(error))})
        raise
    return {"waited": observer.backend_waited} if observer else {}


def check(request: dict) -> dict:
    left = pending()
    if left:
        raise RuntimeError("migrations left to apply: " + ", ".join(left))
    return {}


def serve(held_back: str, app_socket: str, seconds: float) -> dict:
    if os.path.exists(held_back):
        os.unlink(held_back)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(app_socket)
                return {}
            except OSError:
                time.sleep(0.005)
    raise TimeoutError(f"the application did not listen within {seconds:.0f} s")
