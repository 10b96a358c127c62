"""Looks for the files that rows name."""

examples = 10


def run() -> dict:
    """Returns {"named": n, "missing": n, "examples": [{table, key, file}]}."""
    from django.apps import apps
    from django.db.models import FileField

    named, missing, first = 0, 0, []
    for model in apps.get_models():
        # A proxy has the rows of another, a child those of its parent.
        fields = [] if model._meta.proxy or not model._meta.managed else model._meta.local_fields
        for field in fields:
            if not isinstance(field, FileField):
                continue
            rows = model._base_manager.order_by().values_list("pk", field.attname)
            for key, file in rows.iterator():
                if not file:
                    continue
                named += 1
                if not is_there(field.storage, file):
                    missing += 1
                    if len(first) < examples:
                        first.append({"table": model._meta.db_table, "key": str(key), "file": file})
    return {"named": named, "missing": missing, "examples": first}


def is_there(storage, file: str) -> bool:
    from django.core.exceptions import SuspiciousOperation

    try:
        return storage.exists(file)
    except SuspiciousOperation:
        return False
