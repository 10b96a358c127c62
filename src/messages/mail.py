"""Mails active users of some groups, and other addresses, one by one, with the site's own settings; run in its
serving application.

One JSON object on standard input: "groups", "addresses", "subject", "text". On standard output one after each address, how many were
"mailed" so far and "refused"; at the end one more: "sent", "refused" (addresses that the mail server did not want), "unknown" (groups
there are not), or "error". Settings and addresses stay here.
"""

import json
import os
import runpy
import sys

answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
# What the application prints is no answer.
os.dup2(2, 1)


def load() -> None:
    sys.path.insert(0, os.getcwd())
    # With this command BiomAid leaves its tables alone when it loads; with the plan alone it does nothing.
    sys.argv = ["manage.py", "migrate", "--plan", "--verbosity", "0"]
    runpy.run_path("manage.py", run_name="__main__")


def mail(request: dict) -> dict:
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group

    groups = Group.objects.filter(name__in=request["groups"])
    known = {group.name for group in groups}
    users = get_user_model().objects.filter(is_active=True, groups__in=groups).exclude(email="")
    addresses = sorted({*users.values_list("email", flat=True), *request["addresses"]})
    if settings.EMAIL_TIMEOUT is None:
        settings.EMAIL_TIMEOUT = 20
    try:
        sent, refused = send(addresses, request["subject"], request["text"]) if addresses else (0, 0)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        for address in addresses:
            said = said.replace(address, "…")
        return {"error": said}
    return {
        "sent": sent,
        "refused": refused,
        "unknown": [name for name in request["groups"] if name not in known],
    }


def send(addresses: list, subject: str, text: str) -> tuple:
    """What is wrong with one address, or with a connection that has ended, keeps nobody else from being told."""
    from smtplib import SMTPRecipientsRefused, SMTPResponseException, SMTPServerDisconnected

    from django.core.mail import EmailMessage, get_connection

    connection = get_connection()
    connection.open()
    sent = refused = 0
    for address in addresses:
        for again in (True, False):
            try:
                EmailMessage(subject, text, to=[address], connection=connection).send()
                sent += 1
            except (SMTPRecipientsRefused, ValueError):
                refused += 1
            except (SMTPResponseException, SMTPServerDisconnected, ConnectionError):
                # A server may take so many on one connection, and no more.
                try:
                    connection.close()
                    connection.open()
                except OSError:
                    # Gone for good: those who were told stay told.
                    if sent == 0:
                        raise
                    return sent, len(addresses) - sent
                if again:
                    continue
                refused += 1
            break
        tell({"mailed": sent, "refused": refused})
    connection.close()
    return sent, refused


def tell(said: dict) -> None:
    answer.write(json.dumps(said) + "\n")
    answer.flush()


try:
    load()
    said = mail(json.loads(sys.stdin.readline()))
except Exception as error:
    said = {"error": f"{type(error).__name__}: {error}"}
tell(said)
