"""BiomAid's application, and before it one address of the updater's own: has this user seen what is new?

GET ?version=TAG    {"signedIn": false}, or with "seen", "roles" and "cookie", the one that changes when a user signs in
POST ?version=TAG   they have; wants the header X-BiomAid-Updater, which no page of another site can send

None of BiomAid's middleware sees these requests, and no row of its database is written: what a user has seen is a
file in a volume that the generations share.
"""

import json
import os
import re
import sys
from importlib import import_module
from urllib.parse import parse_qs, quote

ADDRESS = "/biomaid-updater-user"
SEEN = "/srv/seen"
# More than a site goes back.
KEPT = 20
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+-]{0,63}")


def application():
    """Loads BiomAid; gunicorn calls it when it is time."""
    from dra.wsgi import application as biomaid

    def answer(environ, start_response):
        if environ.get("PATH_INFO") != ADDRESS:
            return biomaid(environ, start_response)
        try:
            status, said = answer_for(environ)
        except Exception as error:
            # A box is not missed; what it says might be meant for others.
            print(f"whats_new: {type(error).__name__}", file=sys.stderr)
            status, said = "503 Service Unavailable", None
        body = b"" if said is None else json.dumps(said).encode()
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ]
        start_response(status, headers)
        return [body]

    return answer


def answer_for(environ: dict) -> tuple:
    from django.db import close_old_connections

    version = parse_qs(environ.get("QUERY_STRING", "")).get("version", [""])[0]
    method = environ["REQUEST_METHOD"]
    if method not in ("GET", "POST") or not VERSION.fullmatch(version):
        return "400 Bad Request", None
    if not os.access(SEEN, os.W_OK):
        # It would come back with each page.
        return "404 Not Found", None
    close_old_connections()
    try:
        user = signed_in(environ)
        if method == "POST":
            if user is None or "HTTP_X_BIOMAID_UPDATER" not in environ:
                return "403 Forbidden", None
            remember(user, version)
            return "204 No Content", None
        if user is None:
            return "200 OK", {"signedIn": False}
        seen = version in seen_by(user)
        said = {"signedIn": True, "seen": seen, "cookie": changing_cookie()}
        return "200 OK", {**said, "roles": [] if seen else sorted(roles_of(user))}
    finally:
        close_old_connections()


def signed_in(environ: dict):
    """As Django's get_user(), which also writes: it ends sessions and renews them."""
    from django.conf import settings
    from django.contrib import auth
    from django.http import parse_cookie
    from django.utils.crypto import constant_time_compare

    key = parse_cookie(environ.get("HTTP_COOKIE", "")).get(settings.SESSION_COOKIE_NAME)
    if not key:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    backend = session.get(auth.BACKEND_SESSION_KEY)
    if auth.SESSION_KEY not in session or backend not in settings.AUTHENTICATION_BACKENDS:
        return None
    number = auth.get_user_model()._meta.pk.to_python(session[auth.SESSION_KEY])
    user = auth.load_backend(backend).get_user(number)
    said = session.get(auth.HASH_SESSION_KEY, "")
    same = user is not None and constant_time_compare(said, user.get_session_auth_hash())
    return user if same else None


def changing_cookie() -> "str | None":
    """The cookie by which a page can tell that another user has signed in: Django changes this one then."""
    from django.conf import settings

    hidden = settings.CSRF_COOKIE_HTTPONLY or settings.CSRF_USE_SESSIONS
    return None if hidden else settings.CSRF_COOKIE_NAME


def roles_of(user) -> set:
    """Django groups, and roles as BiomAid gives them: from its tables, whichever of them a version has."""
    from django.apps import apps

    roles = set(user.groups.values_list("name", flat=True))
    if user.is_superuser:
        roles.add("ADM")
    if user.is_staff:
        roles.add("MAN")
    for model in apps.get_models():
        fields = {field.name: field for field in model._meta.concrete_fields}

        def leads_to_user(name: str) -> bool:
            field = fields.get(name)
            return field is not None and field.related_model is type(user)

        if "role_code" in fields and leads_to_user("user"):
            held = getattr(model, "active_objects", model._default_manager).filter(user=user)
            roles.update(held.values_list("role_code", flat=True))
        for name, role in (("arbitre", "ARB"), ("dispatcher", "DIS")):
            if leads_to_user(name) and model._default_manager.filter(**{name: user}).exists():
                roles.add(role)
    return {role for role in roles if role}


def file_of(user) -> str:
    return os.path.join(SEEN, "user-" + quote(str(user.pk), safe=""))


def seen_by(user) -> list:
    try:
        with open(file_of(user), encoding="ascii", opener=private) as file:
            return file.read(KEPT * 65).split()
    except FileNotFoundError:
        return []


def remember(user, version: str) -> None:
    seen = [one for one in seen_by(user) if one != version]
    draft = f"{file_of(user)}.{os.getpid()}"
    with open(draft, "w", encoding="ascii", opener=private) as file:
        file.write("\n".join([*seen[1 - KEPT :], version]))
    os.replace(draft, file_of(user))


def private(path: str, flags: int) -> int:
    """Another version, which may have been broken into, shares the folder: no link is followed, no pipe waited for."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
