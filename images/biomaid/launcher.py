"""Starts BiomAid in its container.

launcher.py serve       the application, on the socket of its slot (the container's first process)
launcher.py operate     answers the updater's requests, one JSON object a line (see agent.py)

SLOT names the folder of the slot: /run/biomaid/slot-3.
"""

import gc
import os
import sys

import preload

# Here, and not by gunicorn: BiomAid's folder comes first when it looks for modules.
import whats_new  # noqa: F401

SOCKET = os.path.join(os.environ["SLOT"], "app.sock")


def serve() -> None:
    """Everything slow first, the database only when told."""
    if os.path.exists(SOCKET):
        os.unlink(SOCKET)
    sys.path.insert(0, os.getcwd())
    # Nearly all a boot creates stays: looking through it for garbage took a third of BiomAid's.
    gc.disable()
    if preload.is_held_back():
        preload.import_third_party()

    # With --preload the application boots once, in the parent: BiomAid changes tables when it boots.
    sys.argv = [
        "gunicorn",
        "--preload",
        "--config", "/opt/updater/gunicorn_settings.py",
        "--bind", f"unix:{SOCKET}",
        "whats_new:application()",
    ]  # fmt: skip
    if preload.is_held_back():
        preload.hold_back_the_boot()
    from gunicorn.app.wsgiapp import run

    try:
        run()
    except Exception:
        if not preload.is_held_back() or os.environ.get(preload.CAUTIOUS):
            raise
        preload.start_again_cautiously()


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command == "serve":
        serve()
    elif command == "operate":
        import agent

        agent.main(preload.HELD_BACK, SOCKET)
    else:
        os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
