import { Duplex } from "node:stream";
import { Client, DatabaseError } from "pg";
import type { Engine } from "../engine/connect.ts";
import { openSession, type Session } from "../engine/exec.ts";

/** A connection to one generation's database, as its superuser. */
export type Database = Client;

/** Milliseconds after its limit in which a database must have given up a statement. */
const timeoutSlackMs = 5_000;

/**
 * Connects to the database of a container, over a program attached to its socket: the database has no
 * network, and starting a client for every statement would cost more than the statements.
 * @param statementLimit milliseconds after which the database gives up a statement
 */
export async function connectDatabase(
  engine: Engine,
  container: string,
  { database, statementLimit }: { database: string; statementLimit: number },
): Promise<Database> {
  const session = await openSession(
    engine,
    container,
    ["socat", "-", "UNIX-CONNECT:/run/postgresql/.s.PGSQL.5432"],
    { user: "postgres" },
  );
  const stream = socketOver(session);
  const client = new Client({
    user: "postgres",
    database,
    stream: () => stream,
    application_name: "biomaid-updater",
    statement_timeout: statementLimit,
    // A database that is frozen gives nothing up by itself.
    query_timeout: statementLimit + timeoutSlackMs,
    connectionTimeoutMillis: statementLimit + timeoutSlackMs,
  });
  // A database that stops under us fails the next statement; that is where it is reported.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** Milliseconds in which what was ended must be gone. */
const terminateLimitMs = 5_000;

/**
 * Ends another connection to the same database, with the statement and the transaction it is in: the server would go on
 * with them after its client has left.
 */
export async function terminate(database: Database, other: Database): Promise<void> {
  const { processID } = other as Database & { readonly processID: number | null };
  await database.query("SELECT pg_terminate_backend($1, $2)", [processID, terminateLimitMs]);
}

/** The first value a query answers with; undefined without a row. Whole numbers of 64 bits are texts. */
export async function valueOf<Value>(
  database: Database,
  text: string,
  values: unknown[] = [],
): Promise<Value | undefined> {
  const { rows } = await database.query<[Value]>({ text, values, rowMode: "array" });
  return rows[0]?.[0];
}

/** Whether a query answers with any row. */
export async function hasRows(
  database: Database,
  query: string,
  values: unknown[] = [],
): Promise<boolean> {
  return (await database.query(query, values)).rowCount !== 0;
}

/** PostgreSQL has answered with an error. */
export function isDatabaseError(error: unknown): boolean {
  return error instanceof DatabaseError;
}

/** The part of a network socket that "pg" uses, over a program's standard streams. */
function socketOver({ stdin, stdout, stderr }: Session): Duplex {
  const socket = new Duplex({
    read: () => void stdout.resume(),
    write: (chunk, _encoding, done) => void stdin.write(chunk, done),
    final: (done) => void stdin.end(done),
    destroy(error, done) {
      stdin.destroy();
      done(error);
    },
  });
  stdout.on("data", (chunk: Buffer) => {
    if (!socket.push(chunk)) stdout.pause();
  });
  stdout.on("end", () => {
    socket.push(null);
    socket.destroy();
  });
  stderr.resume();
  return Object.assign(socket, {
    connect: () => process.nextTick(() => socket.emit("connect")),
    setNoDelay: () => socket,
  });
}
