"""Pays for imports before the gate closes.

A process that has run the new code against the read-only standby records which third-party modules
it needed; the process that will serve imports them without touching the application or a database.
"""

import importlib
import os
import sys
import time

RECORD = "/run/app/third-party-modules"
IMPORTED = "/run/app/third-party-modules-imported"
# Present while the candidate must not touch its database; it is on disk, so that a candidate that
# the engine restarts half-way through an operation waits again.
HELD_BACK = os.path.join(os.environ["SLOT"], "held-back")
SITE_PACKAGES = os.path.join(sys.prefix, "lib")


def record() -> None:
    """Writes down what this process has imported from outside the application, in order."""
    names = [
        name
        for name, module in list(sys.modules.items())
        if (getattr(module, "__file__", None) or "").startswith(SITE_PACKAGES)
    ]
    with open(RECORD + ".next", "w", encoding="utf-8") as file:
        file.write("\n".join(names))
    os.rename(RECORD + ".next", RECORD)


def is_recorded() -> bool:
    return os.path.exists(RECORD)


def import_recorded() -> None:
    """Imports what can be imported without a set-up Django; the rest is left to the boot itself."""
    with open(RECORD, encoding="utf-8") as file:
        names = file.read().split("\n")
    for name in names:
        try:
            importlib.import_module(name)
        except Exception:
            # Models and what needs settings come when the application boots.
            continue
    with open(IMPORTED, "w", encoding="utf-8"):
        pass


def wait_until_imported() -> None:
    """Returns once the process that will serve is warm, or at once where none is held back."""
    deadline = time.monotonic() + 120
    while not os.path.exists(IMPORTED) and os.path.exists(HELD_BACK):
        if time.monotonic() > deadline:
            raise TimeoutError("the application's process did not import its modules within 120 s")
        time.sleep(0.02)
