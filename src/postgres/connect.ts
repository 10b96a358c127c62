import { Duplex, type Readable, type Writable } from "node:stream";
import { Client, DatabaseError } from "pg";
import type { Engine } from "../engine/connect.ts";
import { openSession } from "../engine/exec.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import type { TellWaiting } from "../lib/while-lasting.ts";
import type { Wait } from "../text/catalogue.ts";
import { blockerOf } from "./blockers.ts";
import { endProcesses } from "./end-processes.ts";

/** A connection to one generation's database, as its superuser. */
export type Database = Client;

/** Milliseconds after its limit in which a database must have given up a statement. */
const timeoutSlackMs = 5_000;

/** Milliseconds in which a database tells who keeps a statement waiting. */
const lookLimitMs = 2_000;

interface ConnectOptions {
  readonly database: string;
  /** Milliseconds after which the database gives up a statement. */
  readonly statementLimit: number;
  /** Of statements that last, whom they wait for. */
  readonly tell?: TellWaiting<Wait>;
  /** Milliseconds more in which it must have given one up, or have let us in. */
  readonly slackMs?: number;
}

/**
 * Connects to the database of a container, over a program attached to its socket: the database has no
 * network, and starting a client for every statement would cost more than the statements.
 * @throws UpdaterError `waitedTooLong` from a statement that was given up while it waited for a session, with `tell`
 */
export async function connectDatabase(
  engine: Engine,
  container: string,
  options: ConnectOptions,
): Promise<Database> {
  const { database, statementLimit, tell, slackMs = timeoutSlackMs } = options;
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
    // What we commit is on disk, whatever the site has told its database; a standby is not waited for.
    options: "-c synchronous_commit=local",
    statement_timeout: statementLimit,
    // A database that is frozen gives nothing up by itself.
    query_timeout: statementLimit + slackMs,
    connectionTimeoutMillis: statementLimit + slackMs,
  });
  // A database that stops under us fails the next statement; that is where it is reported.
  client.on("error", () => undefined);
  await client.connect();
  if (tell) tellOfStatements(client, { engine, container, database, statementLimit, tell });
  return client;
}

/** Lets each statement tell whom it waits for, by asking from beside: the session itself is busy waiting. */
function tellOfStatements(
  client: Client,
  {
    engine,
    container,
    tell,
    ...options
  }: { engine: Engine; container: string; tell: TellWaiting<Wait> } & ConnectOptions,
): void {
  const { processID: pid } = client as Client & { readonly processID: number | null };
  const look = async (began: string): Promise<Wait | undefined> => {
    const beside = { ...options, statementLimit: lookLimitMs, slackMs: 1_000 };
    let observer: Database;
    try {
      observer = await connectDatabase(engine, container, beside);
    } catch {
      return { kind: "database", since: began, container };
    }
    try {
      const session = await blockerOf(observer, { pid: pid ?? 0 });
      return session && { kind: "session", container, ...session };
    } finally {
      await observer.end();
    }
  };
  const watched = async (answer: Promise<unknown>): Promise<unknown> => {
    const began = new Date().toISOString();
    let awaited: Wait | undefined;
    try {
      return await tell(async () => (awaited = await look(began)), answer);
    } catch (error) {
      if (!awaited || !/statement timeout|Query read timeout/.test(messageOf(error))) throw error;
      const seconds = options.statementLimit / 1000;
      throw new UpdaterError("waitedTooLong", { seconds, awaited }, error);
    }
  };
  const ask = client.query.bind(client) as (...given: unknown[]) => unknown;
  const query = (...given: unknown[]) => {
    const answer = ask(...given);
    return answer instanceof Promise ? watched(answer) : answer;
  };
  client.query = query as typeof client.query;
}

/** Milliseconds in which what was ended must be gone. */
const terminateLimitMs = 5_000;

/**
 * Ends another connection to the same database, with the statement and the transaction it is in: the server would go on
 * with them after its client has left.
 */
export async function terminate(database: Database, other: Database): Promise<void> {
  const { processID } = other as Database & { readonly processID: number | null };
  await endProcesses(database, "SELECT $1::int AS pid", [processID], terminateLimitMs);
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

/** Major version of the server. */
export async function majorOf(database: Database): Promise<number> {
  const query = "SELECT current_setting('server_version_num')::int / 10000";
  return (await valueOf<number>(database, query))!;
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
export function isDatabaseError(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError;
}

/** The part of a network socket that "pg" uses, over a program's standard streams. */
export function socketOver({
  stdin,
  stdout,
  stderr,
}: {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}): Duplex {
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
