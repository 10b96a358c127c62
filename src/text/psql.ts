/** A database, and where it runs. */
export interface Where {
  readonly container: string;
  readonly database: string;
}

/** Transactions that were prepared, as COMMIT PREPARED wants them, and in which database. */
export interface Prepared {
  readonly id: string;
  readonly database: string;
}

/** The command that lets a database do this. The application names its tables as it likes: no shell takes a name for more. */
export function psql({ container, database }: Where, statements: readonly string[]): string {
  const commands = statements.map((statement) => `-c ${quoted(statement, "'\\''")}`);
  return `docker exec -u postgres ${container} psql -d ${word(database)} ${commands.join(" ")}`;
}

/** Lets tables be logged from now on, and copied. */
export const setLogged = (where: Where, tables: readonly string[]) =>
  psql(
    where,
    tables.map((table) => `ALTER TABLE ${table} SET LOGGED`),
  );

/** Ends the first of these, the other way round too. */
export const endPrepared = (container: string, [first]: readonly Prepared[], how: string) =>
  first
    ? psql({ container, database: first.database }, [`${how} PREPARED ${quoted(first.id, "''")}`])
    : "";

/** Sorts indexes anew, and notes by what. */
export const sortAgain = (where: Where, collations: readonly string[], own: boolean) =>
  psql(where, [
    `REINDEX DATABASE CONCURRENTLY ${where.database}`,
    ...collations.map((collation) => `ALTER COLLATION ${collation} REFRESH VERSION`),
    ...(own ? [`ALTER DATABASE ${where.database} REFRESH COLLATION VERSION`] : []),
  ]);

function quoted(text: string, mark: string): string {
  return `'${text.replaceAll("'", mark)}'`;
}

function word(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : quoted(text, "'\\''");
}
