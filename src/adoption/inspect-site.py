"""Tells what a BiomAid of this machine is made of, as a line of JSON.

It runs as the site's own user, with the site's own Python, in the site's own sources, and changes nothing: settings are
loaded as BiomAid loads them, but no application is, and no connection is made. What loading them touches is noted.
"""

import glob
import importlib.util
import json
import os
import sys
import time

SOURCES = os.getcwd()
LIBRARIES = tuple({os.path.realpath(path) + "/" for path in (sys.prefix, sys.base_prefix + "/lib", sys.exec_prefix)})
# What is told of settings: nothing that is a secret but a database's password, which is needed to look into it.
TOLD = (
    "ALLOWED_HOSTS AUTH_LDAP_SERVER_URI EMAIL_HOST EMAIL_PORT LDAP_HOST MEDIA_ROOT STATIC_ROOT TIME_ZONE"
).split()
CONNECTION = "ENGINE NAME USER PASSWORD HOST PORT".split()
# Of optional parts of BiomAid.
PACKAGES = ("ldap", "cx_Oracle", "oracledb")
# Seconds in which files are counted.
PATIENCE = 10

touched = {"files": set(), "hosts": set(), "programs": set(), "variables": set()}
watching = False


def note(event, arguments):
    if not watching:
        return
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        path = os.path.join(os.getcwd(), os.fsdecode(arguments[0]))
        if not path.startswith(LIBRARIES) and not path.endswith((".py", ".pyc")):
            touched["files"].add(os.path.normpath(path))
    elif event == "socket.getaddrinfo":
        touched["hosts"].add(f"{arguments[0]}:{arguments[1]}")
    elif event == "socket.connect":
        touched["hosts"].add(str(arguments[1]))
    elif event == "subprocess.Popen":
        touched["programs"].add(" ".join(map(str, arguments[1]))[:200])


class Watched(type(os.environ)):
    """The environment, that notes which variables the site's own code asks for."""

    def __getitem__(self, name):
        if watching and asked_by_the_site():
            touched["variables"].add(name)
        return super().__getitem__(name)


# What the site itself has written. Variables that BiomAid asks for (DJANGO_SETTINGS_MODULE) are its own concern, everywhere.
OWN = tuple(os.path.join(SOURCES, name) for name in ("instance_settings.py", "local/"))
OWN += (os.path.realpath(OWN[1]) + "/",)


def asked_by_the_site():
    """`get` and `getenv` stand between the site's code and whoever asks this."""
    frame = sys._getframe(2)
    for _ in range(4):
        if frame is None:
            break
        if frame.f_code.co_filename.startswith(OWN):
            return True
        frame = frame.f_back
    return False


def load_settings():
    global watching
    sys.path.insert(0, SOURCES)
    # With this command BiomAid leaves its tables alone, whatever loads it.
    sys.argv = ["manage.py", "migrate"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
    os.environ.__class__ = Watched
    sys.addaudithook(note)
    try:
        watching = True
        from django.conf import settings

        settings.DATABASES
    except BaseException as error:
        # Not the line itself, which may hold a password.
        return None, f"{type(error).__name__}: {error}"
    finally:
        watching = False
    told = {name: plain(getattr(settings, name)) for name in TOLD if hasattr(settings, name)}
    told["DATABASES"] = {
        name: {key: plain(database.get(key)) for key in CONNECTION if database.get(key)}
        for name, database in settings.DATABASES.items()
    }
    return told, None


def plain(value):
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    if isinstance(value, (list, tuple, set)):
        return [plain(one) for one in value]
    return str(value)


def text_of(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read(1_000_000)
    except (OSError, UnicodeDecodeError):
        return None


def configs(local):
    """The files in which the site's local settings name what extable reads."""
    files = [os.path.join(local, "config.toml"), *sorted(glob.glob(os.path.join(local, "config.d", "*.toml")))]
    return [text for text in map(text_of, files) if text is not None]


def count_files(folder):
    """How many files there are and how large, links, files of other file systems, names that are no UTF-8."""
    until = time.monotonic() + PATIENCE
    found = {"files": 0, "bytes": 0, "links": 0, "elsewhere": 0, "unreadable": 0, "odd_names": 0, "complete": True}
    try:
        device = os.stat(folder).st_dev
    except OSError:
        return None

    def failed(_error):
        found["unreadable"] += 1

    for path, folders, files in os.walk(folder, onerror=failed):
        if time.monotonic() > until:
            found["complete"] = False
            break
        for name in folders + files:
            try:
                status = os.lstat(os.path.join(path, name))
            except OSError:
                continue
            found["odd_names"] += any("\ud800" <= letter <= "\udfff" for letter in name)
            found["elsewhere"] += status.st_dev != device
            if os.path.islink(os.path.join(path, name)):
                found["links"] += 1
            elif name in files:
                found["files"] += 1
                found["bytes"] += status.st_size
                found["unreadable"] += not os.access(os.path.join(path, name), os.R_OK)
    return found


def size_of(path):
    try:
        return os.path.getsize(path)
    except OSError:
        return None


def main():
    settings, failure = load_settings()
    home = os.path.expanduser("~")
    local = os.path.join(SOURCES, "local")
    media = settings and settings.get("MEDIA_ROOT")
    static = settings and settings.get("STATIC_ROOT")
    database = (settings and settings["DATABASES"].get("default")) or {}
    is_file = "sqlite" in (database.get("ENGINE") or "")
    print(
        "\n"
        + json.dumps(
            {
                "python": sys.version.split()[0],
                "packages": [name for name in PACKAGES if importlib.util.find_spec(name)],
                "settings": settings,
                "failure": failure,
                "touched": {name: sorted(values) for name, values in touched.items()},
                "configs": configs(local),
                "instance_config": text_of(os.path.join(SOURCES, "instance_config.toml")),
                "local": os.path.realpath(local) if os.path.isdir(local) else None,
                "database_file": size_of(database.get("NAME") or "") if is_file else None,
                "media": media and {"path": os.path.realpath(media), "counted": count_files(media)},
                "static": static and os.path.realpath(static),
                "in_home": sorted(os.listdir(home)) if os.path.isdir(home) else [],
            }
        ),
        flush=True,
    )


main()
