"""Asks pages of the application through its own socket, as its users would."""

import hashlib
import http.client
import socket
import time


class SocketConnection(http.client.HTTPConnection):
    """HTTP over the unix socket of the application."""

    def __init__(self, path: str, seconds: float):
        super().__init__("localhost", timeout=seconds)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def run(app_socket: str, request: dict) -> dict:
    """Returns {"user": …, "pages": [{page, status, milliseconds, size, began, signed_in}]}."""
    pages = knock(app_socket, request)
    user = find_user(request.get("user"))
    if user is None or is_silent(pages, request):
        return {"user": user and user.get_username(), "pages": pages}
    cookie, session = sign_in(user)
    try:
        pages += ask_all(app_socket, request["pages"], request, cookie)
    finally:
        session.delete()
    return {"user": user.get_username(), "pages": pages}


def knock(app_socket: str, request: dict) -> list:
    return ask_all(app_socket, request["anonymous_pages"], request, None)


def admit(request: dict) -> dict:
    """A session of the user's, whose key the updater has chosen: it is to have the same one elsewhere, and to find it again."""
    from django.conf import settings
    from django.db import connection

    user = find_user(request.get("user"))
    if user is None:
        return {"user": None}
    _, session = sign_in(user)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE django_session SET session_key = %s WHERE session_key = %s RETURNING session_data",
            [request["key"], session.session_key],
        )
        row = cursor.fetchone()
    # Sites that keep sessions elsewhere have none to show.
    if row is None:
        return {"user": None}
    return {"user": user.get_username(), "cookie": settings.SESSION_COOKIE_NAME, "data": row[0]}


def dismiss(request: dict) -> dict:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session WHERE session_key = %s", [request["key"]])
    return {}


def ask_twice(app_socket: str, request: dict) -> list:
    """What pages show to whoever has a session: what differs between two answers is no part of them."""
    cookie, request = request["cookie"], {**request, "lines": True}

    def once():
        signed_in = ask_all(app_socket, request["pages"], request, cookie) if cookie else []
        return knock(app_socket, request) + signed_in

    return [{**page, "again": again["lines"]} for page, again in zip(once(), once())]


def ask_all(app_socket: str, pages: list, request: dict, cookie: "str | None") -> list:
    answers = []
    for page in pages:
        answers.append(ask(app_socket, page, request, cookie))
        if is_silent(answers, request):
            break
    return answers


def is_silent(answers: list, request: dict) -> bool:
    """Whether a page did not answer, and that is all there is to know."""
    return request.get("until_silent", False) and any(not one["status"] for one in answers)


def ask(app_socket: str, page: str, request: dict, cookie: "str | None") -> dict:
    headers = {"Host": request["host"], "User-Agent": request["user_agent"], "X-Forwarded-Proto": "http"}
    if cookie:
        headers["Cookie"] = cookie
    began, body = time.time(), b""
    connection = SocketConnection(app_socket, request["seconds"])
    try:
        connection.request("GET", page, headers=headers)
        response = connection.getresponse()
        body = response.read()
        status = response.status
    except (OSError, http.client.HTTPException) as error:
        # What is no HTTP, or ends too soon, is no answer either.
        status = 0
        print(f"probe: {page}: {error}", flush=True)
    finally:
        connection.close()
    return {
        "page": page,
        "status": status,
        "milliseconds": round((time.time() - began) * 1000),
        # By the clock of the machine, as the database's log has it.
        "began": round(began * 1000),
        "size": len(body),
        "signed_in": cookie is not None,
        **({"lines": digests(body)} if request.get("lines") else {}),
    }


def digests(body: bytes) -> list:
    """Lines of a page by what tells them apart: what is in them stays here."""
    lines = (line.strip() for line in body.split(b"\n"))
    return [hashlib.sha256(line).hexdigest()[:12] for line in lines if line]


def find_user(name: "str | None"):
    """The user the configuration names, else the first active superuser, else any active user."""
    from django.contrib.auth import get_user_model

    model = get_user_model()
    if name:
        return model.objects.get(**{model.USERNAME_FIELD: name})
    active = model.objects.filter(is_active=True)
    return active.order_by("-is_superuser", "pk").first()


def sign_in(user):
    """A session as signing in makes it; the caller deletes it."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}", session
