import { escapeIdentifier, escapeLiteral } from "pg";
import type { Database } from "./connect.ts";

interface Owned {
  readonly name: string;
  readonly role: string;
  readonly locale: string;
}

/**
 * Creates a role that may sign in, and a database of its own.
 * @param server any database of a new cluster, as superuser
 * @param locale language whose order names have: `fr-FR`; or `C`
 */
export async function createOwnedDatabase(server: Database, database: Owned): Promise<void> {
  await server.query(`CREATE ROLE ${escapeIdentifier(database.role)} LOGIN`);
  await createDatabase(server, database);
}

/** The same database once more, with nothing in it; whoever is connected to it is cut off. */
export async function emptyOwnedDatabase(server: Database, database: Owned): Promise<void> {
  await server.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(database.name)} WITH (FORCE)`);
  await createDatabase(server, database);
}

async function createDatabase(server: Database, { name, role, locale }: Owned): Promise<void> {
  // The image has no locales of the C library's; ICU knows every language.
  const order = locale === "C" ? "" : `LOCALE_PROVIDER icu ICU_LOCALE ${escapeLiteral(locale)}`;
  await server.query(
    `CREATE DATABASE ${escapeIdentifier(name)} OWNER ${escapeIdentifier(role)} TEMPLATE template0 ${order}`,
  );
}
