"""Pays for imports before the gate closes.

A process that has run the new code against the read-only standby records the modules it needed. The
process that will serve imports the third-party ones and loads the application as it always does, up to
the point where Django calls each app's ready(): from there on BiomAid works with its database, and
that has to wait. (Importing more of the application out of its own order was tried: BiomAid lost two
of its table engines by it.) No connection to any database is possible until then; an application that
tries to open one might keep what it made of the failure, so it starts again with third-party modules
only.
"""

import gc
import importlib
import os
import sys
import time

RECORD = "/run/app/modules"
IMPORTED = "/run/app/modules-imported"
# Present while the candidate must not touch its database; it is on disk, so that a candidate that
# the engine restarts half-way through an operation waits again.
HELD_BACK = os.path.join(os.environ["SLOT"], "held-back")
SITE_PACKAGES = os.path.join(sys.prefix, "lib")
# Set when loading the application early turned out not to be harmless.
CAUTIOUS = "UPDATER_THIRD_PARTY_ONLY"


def is_held_back() -> bool:
    return os.path.exists(HELD_BACK)


def record() -> None:
    """Writes down what this process has imported, in order."""
    with open(RECORD + ".next", "w", encoding="utf-8") as file:
        for name, module in list(sys.modules.items()):
            file.write(f"{name}\t{getattr(module, '__file__', None) or ''}\n")
    os.rename(RECORD + ".next", RECORD)


def wait_until_imported() -> None:
    """Returns once the process that will serve is warm, or at once where none is held back."""
    deadline = time.monotonic() + 120
    while not os.path.exists(IMPORTED) and is_held_back():
        if time.monotonic() > deadline:
            raise TimeoutError("the application's process did not import its modules within 120 s")
        time.sleep(0.02)


def import_third_party() -> None:
    """Imports what can be imported by itself; the rest comes with the application."""
    for name, file in _recorded():
        if file.startswith(SITE_PACKAGES):
            _try_import(name)


def hold_back_the_boot() -> None:
    """Makes Django stop before the first ready() until the updater lets it go on."""
    from django.apps.registry import Apps
    from django.db.backends.base.base import BaseDatabaseWrapper

    if os.environ.get(CAUTIOUS):
        _wait()
        return
    get_app_configs, connect = Apps.get_app_configs, BaseDatabaseWrapper.connect

    def refuse(self):
        start_again_cautiously()

    def get_app_configs_once_let_go(self):
        # models_ready and not ready: populate() is about to call each ready().
        if self.models_ready and not self.ready and Apps.get_app_configs is not get_app_configs:
            Apps.get_app_configs = get_app_configs
            # Those that need the models.
            import_third_party()
            _wait()
            BaseDatabaseWrapper.connect = connect
        return get_app_configs(self)

    Apps.get_app_configs = get_app_configs_once_let_go
    BaseDatabaseWrapper.connect = refuse


def start_again_cautiously() -> None:
    """Replaces this process by one that does not load the application early."""
    os.environ[CAUTIOUS] = "1"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _wait() -> None:
    # What was imported stays: the collector need not look at it again while users wait.
    gc.freeze()
    with open(IMPORTED, "w", encoding="utf-8"):
        pass
    while is_held_back():
        time.sleep(0.005)


def _recorded() -> list:
    while not os.path.exists(RECORD):
        time.sleep(0.02)
    with open(RECORD, encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def _try_import(name: str) -> None:
    try:
        importlib.import_module(name)
    except Exception:
        # It comes when the application boots, and fails there if it has to.
        pass
