import { escapeIdentifier, escapeLiteral } from "pg";
import type { Database } from "./connect.ts";

/**
 * Creates a role that may sign in, and a database of its own.
 * @param server any database of a new cluster, as superuser
 * @param locale language whose order names have: `fr-FR`; or `C`
 */
export async function createOwnedDatabase(
  server: Database,
  { name, role, locale }: { readonly name: string; readonly role: string; readonly locale: string },
): Promise<void> {
  await server.query(`CREATE ROLE ${escapeIdentifier(role)} LOGIN`);
  // The image has no locales of the C library's; ICU knows every language.
  const order = locale === "C" ? "" : `LOCALE_PROVIDER icu ICU_LOCALE ${escapeLiteral(locale)}`;
  await server.query(
    `CREATE DATABASE ${escapeIdentifier(name)} OWNER ${escapeIdentifier(role)} TEMPLATE template0 ${order}`,
  );
}
