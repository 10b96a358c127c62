import { Client, escapeLiteral } from "pg";
import { until } from "../lib/until.ts";
import { type Database, hasRows, socketOver, valueOf } from "./connect.ts";

/** How a site of this machine reaches its database. */
export interface Address {
  /** A host, or the folder of a socket; the usual socket where it is empty. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** Major version of our own PostgreSQL. */
export const imageMajor = 15;

/** Major versions of a machine's that data come from, and go back to. */
export const sourceMajors = { oldest: 12, newest: 17 } as const;

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

/** Other databases of a cluster that a role has, or works in: closing the role closes them, too. */
export async function databasesOf(database: Database, role: string): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT d.datname AS name FROM pg_database d
      WHERE d.datname <> current_database()
        AND (d.datdba = (SELECT oid FROM pg_roles WHERE rolname = $1)
             OR EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid AND a.usename = $1))
      ORDER BY 1`,
    [role],
  );
  return rows.map(({ name }) => name);
}

/** Other roles that may write to the tables of a database, or take on the rights of one that may. */
export async function otherWriters(database: Database, role: string): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT r.rolname AS name FROM pg_roles r
      WHERE r.rolcanlogin AND NOT r.rolsuper AND r.rolname <> $1
        AND (pg_has_role(r.oid, $1::name, 'MEMBER') OR EXISTS (
              SELECT FROM pg_class c
               WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
                 AND has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')))
      ORDER BY 1`,
    [role],
  );
  return rows.map(({ name }) => name);
}

/** How far beyond what a cluster has counted another one begins; it goes on counting itself. */
const oidDistance = 10_000_000;

/** A number from which on a new cluster has none that is in use in this one. */
export async function oidsBeyond(database: Database): Promise<number> {
  const highest = `SELECT greatest((SELECT max(oid::bigint) FROM pg_class), (SELECT max(oid::bigint) FROM pg_constraint),
      (SELECT next_oid::text::bigint FROM pg_control_checkpoint()))`;
  const oid = Number(await valueOf(database, highest)) + oidDistance;
  // They begin anew at the end: whoever has used up all of them has some free again.
  return oid < 2 ** 32 ? oid : 2 * oidDistance;
}

/** Milliseconds between two looks whether a session has gone, and for which it may take that. */
const goneLimit = { intervalMs: 5, limitMs: 10_000 };

/** Lets a database count what is done to its rows from here on: those that were loaded are not the release's doing. */
export async function forgetLoading(database: Database): Promise<void> {
  // A session tells what it has done when it goes.
  const others =
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND usename <> current_user";
  const gone = async () => !(await hasRows(database, others));
  await until(gone, { ...goneLimit, otherwise: () => undefined });
  await database.query("SELECT pg_stat_reset()");
}

const programs = "SELECT setting FROM pg_config WHERE name = 'BINDIR'";

/** The folder of a server's own programs, as it says. */
export async function programsOf(database: Database): Promise<string> {
  return (await valueOf<string>(database, programs)) ?? "";
}

/**
 * Asks a server, without a session of ours, for its major version, how many databases have a name, whether a role is a
 * superuser (2) or none (1), and for the folder of its programs.
 */
export function lookAtCluster(database: string, role: string): string {
  return `SELECT current_setting('server_version_num')::int / 10000,
    (SELECT count(*) FROM pg_database WHERE datname = ${escapeLiteral(database)}),
    (SELECT CASE WHEN rolsuper THEN 2 ELSE 1 END FROM pg_roles WHERE rolname = ${escapeLiteral(role)}), (${programs})`;
}
