"""Starts BiomAid in its container.

launcher.py serve       the application, on the socket of its slot (the container's first process)
launcher.py operate     answers the updater's requests, one JSON object a line (see operate.py)

SLOT names the folder of the slot: /run/biomaid/slot-3.
"""

import os
import sys
import time

import warmth

SLOT = os.environ["SLOT"]
SOCKET = os.path.join(SLOT, "app.sock")


def serve() -> None:
    """Everything slow first, the database only when told."""
    if os.path.exists(SOCKET):
        os.unlink(SOCKET)
    warm = False
    while os.path.exists(warmth.HELD_BACK):
        if not warm and warmth.is_recorded():
            warmth.import_recorded()
            warm = True
        time.sleep(0.005)

    from gunicorn.app.wsgiapp import run

    # With --preload the application boots once, in the parent: BiomAid changes tables when it boots.
    sys.argv = [
        "gunicorn",
        "--preload",
        "--config", "/opt/updater/gunicorn_settings.py",
        "--bind", f"unix:{SOCKET}",
        "dra.wsgi",
    ]  # fmt: skip
    sys.path.insert(0, os.getcwd())
    run()


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command == "serve":
        serve()
    elif command == "operate":
        import operate

        operate.main(warmth.HELD_BACK, SOCKET)
    else:
        os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
