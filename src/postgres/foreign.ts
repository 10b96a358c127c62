import { Client, escapeLiteral } from "pg";
import { type Database, socketOver } from "./connect.ts";

/** How a site of this machine reaches its database. */
export interface Address {
  /** A host, or the folder of a socket; the usual socket where it is empty. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** What Debian's PostgreSQL listens on. */
const usualSocket = "/var/run/postgresql";

/** The file of the socket of an address; nothing where it is one of the network. */
export function socketOf({ host, port }: Address): string | undefined {
  return host === "" || host.startsWith("/")
    ? `${host || usualSocket}/.s.PGSQL.${port}`
    : undefined;
}

/**
 * Connects to a database that is not ours, as the site does.
 * @param statementLimit milliseconds after which it gives up a statement
 * @param over a program that is connected to its socket, where it matters who connects
 */
export async function connectForeign(
  { host, port, database, user, password }: Address,
  statementLimit: number,
  over?: Parameters<typeof socketOver>[0],
): Promise<Database> {
  const stream = over && socketOver(over);
  const client = new Client({
    host: host || usualSocket,
    port,
    ...(stream && { stream: () => stream }),
    database,
    user,
    password,
    application_name: "biomaid-updater",
    statement_timeout: statementLimit,
    query_timeout: statementLimit,
    connectionTimeoutMillis: statementLimit,
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** What a server tells to whoever asks about the database it is connected to. */
export interface ServerFacts {
  /** `15.8` */
  readonly version: string;
  readonly bytes: number;
  /** What text is sorted by: `fr_FR.UTF-8`, or `fr-FR` where ICU does it. */
  readonly order: string;
  /** Others connected to it, by their role and what they call themselves. */
  readonly others: readonly string[];
}

/** @param role the site's own */
export async function describeServer(database: Database, role: string): Promise<ServerFacts> {
  const { rows } = await database.query<ServerFacts>(
    `SELECT split_part(current_setting('server_version'), ' ', 1) AS version,
            pg_database_size(d.oid)::float8 AS bytes, coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', d.datcollate) AS order,
            ARRAY(SELECT DISTINCT concat_ws(' ', usename, nullif(application_name, ''))
                    FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename <> $1
                   ORDER BY 1) AS others
       FROM pg_database d WHERE d.datname = current_database()`,
    [role],
  );
  return rows[0]!;
}

/** Asks a server, without a session of ours, for its major version, how many databases have a name, and whether a role is a superuser (2) or none (1). */
export function lookAtCluster(database: string, role: string): string {
  return `SELECT current_setting('server_version_num')::int / 10000,
    (SELECT count(*) FROM pg_database WHERE datname = ${escapeLiteral(database)}),
    (SELECT CASE WHEN rolsuper THEN 2 ELSE 1 END FROM pg_roles WHERE rolname = ${escapeLiteral(role)})`;
}
