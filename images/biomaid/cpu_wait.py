"""How long processes waited for a processor that others held.

While a rehearsal migrates and boots, users are at work; in a swap they wait, and their processors are
free. The kernel counts that waiting (schedstat), so that it can be taken off a prediction.
"""

import os


def waited() -> float:
    """Milliseconds that this process has waited so far."""
    return _waited("self") / 1e6


def waited_by_all() -> float:
    """The same, of all processes of this container: where one works after the other."""
    return sum(_waited(pid) for pid in os.listdir("/proc") if pid.isdigit()) / 1e6


def _waited(pid: str) -> int:
    """Nanoseconds."""
    try:
        with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[1])
    except (OSError, IndexError, ValueError):
        # It ended meanwhile, or this kernel does not count.
        return 0
