"""Asks the servers that pip and apt of this image download from, as a build would.

Reads one line of JSON from standard input: {"bundle": certificates (PEM), "proxies": {name: URL}, "seconds": limit}.
Prints one line: [{"use", "url", "failure", "detail", "at", "offset"}]; "failure" is null for a server that answered,
"offset" the seconds by which its clock is ahead of this one.
"""

import email.utils
import glob
import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor


def pip_index() -> str:
    sys.path += glob.glob("/usr/share/python-wheels/pip-*.whl")
    try:
        import ensurepip

        sys.path += glob.glob(os.path.join(os.path.dirname(ensurepip.__file__), "_bundled", "pip-*.whl"))
    except ImportError:
        pass
    from pip._internal.configuration import Configuration
    from pip._internal.models.index import PyPI

    configuration = Configuration(isolated=False)
    configuration.load()
    settings = dict(configuration.items())
    for key in ("install.index-url", ":env:.index-url", "global.index-url"):
        if key in settings:
            return settings[key]
    return PyPI.simple_url


def apt_lists() -> "list[str]":
    printed = subprocess.run(
        ["apt-get", "--print-uris", "update"], capture_output=True, text=True, check=True
    ).stdout
    urls = [line.split("'")[1] for line in printed.splitlines() if line.startswith("'")]
    # One file of each server is enough.
    return list({urllib.parse.urlsplit(url)[:2]: url for url in reversed(urls)}.values())


def failure_of(error: BaseException) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(error, urllib.error.HTTPError):
        return "proxy" if error.code == 407 else "status"
    if isinstance(reason, ssl.SSLError):
        return "tls"
    if isinstance(reason, socket.gaierror):
        return "name"
    if isinstance(reason, TimeoutError):
        return "timeout"
    return "connection"


def ask(use: str, url: str, context: ssl.SSLContext, seconds: float) -> dict:
    # Passwords of an index stay here.
    parts = urllib.parse.urlsplit(url)
    shown = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    found = {"use": use, "url": shown, "failure": None, "detail": "", "offset": None}
    try:
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))
        request = urllib.request.Request(url, headers={"User-Agent": "biomaid-updater", "Cache-Control": "no-cache"})
        with opener.open(request, timeout=seconds) as answer:
            date = email.utils.parsedate_to_datetime(answer.headers["Date"]) if answer.headers["Date"] else None
            age = float(answer.headers["Age"] or 0)
            if date is not None:
                found["offset"] = date.timestamp() + age - time.time()
    except Exception as error:
        found["failure"] = failure_of(error)
        found["detail"] = str(getattr(error, "reason", error)).splitlines()[0][:200] if str(error) else repr(error)
    return found


def main() -> None:
    request = json.loads(sys.stdin.readline())
    for name, url in request["proxies"].items():
        os.environ[name] = os.environ[name.lower()] = url
    asked = [("apt", url) for url in apt_lists()]
    asked.append(("pip", pip_index().rstrip("/") + "/pip/"))
    try:
        context = ssl.create_default_context(cadata=request["bundle"])
    except (ssl.SSLError, ValueError):
        # A bundle without a certificate: no server can be trusted.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with ThreadPoolExecutor(len(asked)) as threads:
        found = list(threads.map(lambda one: ask(*one, context, request["seconds"]), asked))
    print(json.dumps(found), flush=True)


main()
