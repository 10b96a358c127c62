import { escapeIdentifier } from "pg";
import type { Database } from "./connect.ts";

/**
 * Creates a role that may sign in, and a database of its own.
 * @param server any database of a new cluster, as superuser
 */
export async function createOwnedDatabase(
  server: Database,
  { name, role }: { readonly name: string; readonly role: string },
): Promise<void> {
  await server.query(`CREATE ROLE ${escapeIdentifier(role)} LOGIN`);
  await server.query(`CREATE DATABASE ${escapeIdentifier(name)} OWNER ${escapeIdentifier(role)}`);
}
