"""Settings of gunicorn that the updater decides."""

import gc
import os

workers = int(os.environ.get("WORKERS", "3"))
umask = 0o000
worker_tmp_dir = "/run/app"
accesslog = None
errorlog = "-"
# A stop lets requests finish; the proxy has long stopped sending new ones by then.
graceful_timeout = 20


def pre_fork(server, worker):
    """A connection opened while booting must not be shared by the workers."""
    from django.db import connections

    connections.close_all()
    # What the boot created is shared with the workers as long as it is not written to.
    gc.freeze()


def post_fork(server, worker):
    gc.enable()
