"""Mails active users of some groups, and other addresses, one by one, with the site's own settings; run in its
serving application.

One JSON object on standard input: "groups", "addresses", "subject", "text". One on standard output: "sent", "refused" (addresses
that the mail server did not want), "unknown" (groups there are not), or "error". Settings and addresses stay here.
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
    from smtplib import SMTPRecipientsRefused

    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group
    from django.core.mail import EmailMessage, get_connection

    groups = Group.objects.filter(name__in=request["groups"])
    known = {group.name for group in groups}
    users = get_user_model().objects.filter(is_active=True, groups__in=groups).exclude(email="")
    addresses = sorted({*users.values_list("email", flat=True), *request["addresses"]})
    sent = refused = 0
    if addresses:
        if settings.EMAIL_TIMEOUT is None:
            settings.EMAIL_TIMEOUT = 20
        with get_connection() as connection:
            for address in addresses:
                message = EmailMessage(
                    request["subject"], request["text"], to=[address], connection=connection
                )
                try:
                    message.send()
                    sent += 1
                except SMTPRecipientsRefused:
                    refused += 1
    return {
        "sent": sent,
        "refused": refused,
        "unknown": [name for name in request["groups"] if name not in known],
    }


try:
    load()
    said = mail(json.loads(sys.stdin.readline()))
except Exception as error:
    said = {"error": f"{type(error).__name__}: {error}"}
answer.write(json.dumps(said) + "\n")
answer.flush()
