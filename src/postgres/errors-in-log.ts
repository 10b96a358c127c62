/** A line of PostgreSQL's log that says that a statement was refused. */
export interface DatabaseErrorLine {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly message: string;
}

const line =
  /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) UTC \[\d+\] (?:ERROR|FATAL|PANIC):\s+(.*)$/;

/** Errors in lines that our `log_line_prefix` begins; the container's clock is in UTC. */
export function databaseErrors(lines: readonly string[]): DatabaseErrorLine[] {
  return lines.flatMap((text) => {
    const [, day, time, message] = line.exec(text) ?? [];
    return message === undefined ? [] : [{ at: Date.parse(`${day}T${time}Z`), message }];
  });
}
