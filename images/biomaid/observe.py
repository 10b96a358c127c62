"""Watches migrations on a copy of the data: what each does, how long it takes, what it locks.

Only a rehearsal asks for it. What watching itself costs is measured, so that it can be taken off.
Parameters of statements are never told: they may be users' data.
"""

import re
import time

import cpu_wait

MOST_STATEMENTS = 100
LONGEST_STATEMENT = 1500

# Locks that a user's read or write would wait for.
LOCKS = """
SELECT c.oid, c.relname, l.mode FROM pg_locks l
  JOIN pg_class c ON c.oid = l.relation AND c.relkind IN ('r', 'p')
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
 WHERE l.pid = pg_backend_pid() AND l.granted
   AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
"""
FILES = """
SELECT c.oid, c.relname, c.relfilenode FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'public' AND c.relkind = 'r'
"""
# Milliseconds this session's process in the database has waited for a processor (see cpu_wait.py).
WAITED = "SELECT updater_rehearsal.waited()"
WRITES = re.compile(r'^\s*(INSERT)\s+INTO\s+"?([^"\s(]+)|^\s*(UPDATE)\s+"?([^"\s]+)|^\s*(DELETE)\s+FROM\s+"?([^"\s]+)', re.I)
KINDS = {"INSERT": "inserted", "UPDATE": "updated", "DELETE": "deleted"}


class Observer:
    """One migration at a time: begin(), statements through execute(), end()."""

    def __init__(self, connection):
        self.connection = connection
        self.current = None
        # Seconds that watching took of the migration at hand.
        self.overhead = 0.0
        # Milliseconds, of all migrations so far.
        self.backend_waited = 0.0

    def begin(self, migration) -> None:
        began = time.monotonic()
        files = self._ask(FILES)
        self.current = {
            "name": f"{migration.app_label}.{migration.name}",
            "atomic": migration.atomic,
            "operations": [describe(operation) for operation in migration.operations],
            "statements": [],
            "count": 0,
            "touched": {},
            "locks": {},
            "files": {oid: file for oid, _, file in files},
        }
        self.waited_before = self._waited()
        self.overhead = time.monotonic() - began
        self.began = began

    def execute(self, execute, sql, params, many, context):
        """Stands between Django and its database (connection.execute_wrapper)."""
        current = self.current
        if current is None:
            return execute(sql, params, many, context)
        began = time.monotonic()
        try:
            result = execute(sql, params, many, context)
        except Exception:
            self._note_statement(sql, began, None)
            raise
        ended = time.monotonic()
        rows = context["cursor"].rowcount
        self._note_statement(sql, began, rows if rows is not None and rows >= 0 else None)
        if not str(sql).lstrip()[:6].upper().startswith("SELECT"):
            self._note_locks(began)
        self.overhead += time.monotonic() - ended
        return result

    def end(self, failure: "str | None" = None) -> dict:
        """What was seen of the migration at hand."""
        ended = time.monotonic()
        current, self.current = self.current, None
        # A transaction that failed takes no more statements.
        files = [] if failure else self._ask(FILES)
        rewritten = [
            name
            for oid, name, file in files
            if oid in current["files"] and current["files"][oid] != file
        ]
        operations = current["operations"]
        spent = (ended - self.began - self.overhead) * 1000
        if not failure:
            own, backend = (now - before for now, before in zip(self._waited(), self.waited_before))
            self.backend_waited += backend
            spent -= own + backend
        return {
            "name": current["name"],
            "milliseconds": max(0.0, spent),
            "overhead": (self.overhead + time.monotonic() - ended) * 1000,
            "atomic": current["atomic"],
            "reversible": all(operation["reversible"] for operation in operations),
            "operations": operations,
            "statements": current["statements"],
            "statementCount": current["count"],
            "locks": [
                {"table": table, "mode": mode, "milliseconds": (ended - since) * 1000}
                for (table, mode), since in current["locks"].items()
            ],
            "rewrites": sorted(rewritten),
            "touched": [{"table": table, **counts} for table, counts in current["touched"].items()],
            "failure": failure,
        }

    def _note_statement(self, sql, began: float, rows: "int | None") -> None:
        # Django's own: which tables there are, which migrations were applied.
        if "pg_catalog." in str(sql) or '"django_migrations"' in str(sql):
            return
        text, milliseconds = " ".join(str(sql).split()), (time.monotonic() - began) * 1000
        current = self.current
        current["count"] += 1
        if len(current["statements"]) < MOST_STATEMENTS:
            current["statements"].append(
                {"sql": text[:LONGEST_STATEMENT], "milliseconds": milliseconds, "rows": rows}
            )
        found = WRITES.match(text)
        if not found or not rows:
            return
        words = [word for word in found.groups() if word]
        counts = self.current["touched"].setdefault(
            words[1], {"inserted": 0, "updated": 0, "deleted": 0}
        )
        counts[KINDS[words[0].upper()]] += rows

    def _note_locks(self, since: float) -> None:
        # Outside a transaction a lock is gone by now.
        if not self.connection.in_atomic_block or self.connection.needs_rollback:
            return
        for oid, table, mode in self._ask(LOCKS):
            # No other session can see a table that this migration has just made.
            if oid in self.current["files"]:
                self.current["locks"].setdefault((table, mode), since)

    def _waited(self) -> tuple:
        return cpu_wait.waited(), float(self._ask(WAITED)[0][0])

    def _ask(self, query: str) -> list:
        """Past Django, which would have it watched too."""
        self.connection.ensure_connection()
        with self.connection.connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()


def describe(operation) -> dict:
    return {
        "kind": type(operation).__name__,
        "description": operation.describe(),
        "reversible": bool(operation.reversible),
    }


def reason_of(error: BaseException) -> str:
    """What the database or the migration said, without the values of the row at fault."""
    diagnosis = getattr(error.__cause__, "diag", None)
    message = getattr(diagnosis, "message_primary", None)
    return message or f"{type(error).__name__}: {error}".split("\n")[0]
