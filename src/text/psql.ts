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

/** As a shell takes it for one. */
export function word(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : quoted(text, "'\\''");
}

/** The command that makes SQL of a dump, in a file beside it; one with such a name already must not be overwritten. */
export function toSql(file: string, packed: boolean): string {
  const bare = file.replace(/\/$|(\.(dump|backup|tar|pgdump|sql|gz))+$/, "");
  const sql = `${bare}.plain.sql`;
  return packed
    ? `gunzip -c ${word(file)} | pg_restore -f ${word(sql)}`
    : `pg_restore -f ${word(sql)} ${word(file)}`;
}
