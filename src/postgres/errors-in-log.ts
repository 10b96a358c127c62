/** A line of PostgreSQL's log that says that a statement was refused. */
export interface DatabaseErrorLine {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly message: string;
}

const line =
  /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) (?:UTC|GMT) \[\d+\] (?:ERROR|FATAL|PANIC):\s+(.*)$/;

const addition = /^\d{4}-\d\d-\d\d [\d:.]+ (?:UTC|GMT) \[\d+\] (DETAIL|CONTEXT):\s+(.*)$/;

/** Errors in lines that our `log_line_prefix` begins; the container's clock is in UTC, by one name or the other. */
export function databaseErrors(lines: readonly string[]): DatabaseErrorLine[] {
  return lines.flatMap((text) => {
    const [, day, time, message] = line.exec(text) ?? [];
    return message === undefined ? [] : [{ at: Date.parse(`${day}T${time}Z`), message }];
  });
}

/** The last error, with what the database adds to it: the key, and the table rows arrive for. */
export function lastDatabaseError(lines: readonly string[]): string | undefined {
  const last = lines.findLastIndex((text) => line.test(text));
  const [, , , message] = line.exec(lines[last] ?? "") ?? [];
  if (message === undefined) return undefined;
  const added = lines.slice(last + 1).map((text) => addition.exec(text));
  const end = added.indexOf(null);
  const parts = (end === -1 ? added : added.slice(0, end)).flatMap((found) => {
    const [, kind, text = ""] = found ?? [];
    if (kind === "DETAIL") return [text];
    const relation = /replication target relation "([^"]+)"/.exec(text)?.[1];
    return relation === undefined ? [] : [relation];
  });
  return [message, ...parts].join("; ");
}
