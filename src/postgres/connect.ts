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
  const stream = new SessionStream(session);
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

/** PostgreSQL has answered with an error. */
export function isDatabaseError(error: unknown): boolean {
  return error instanceof DatabaseError;
}

/** The part of a network socket that "pg" uses, over a program's standard streams. */
class SessionStream extends Duplex {
  readonly #session: Session;

  constructor(session: Session) {
    super();
    this.#session = session;
    session.stdout.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) session.stdout.pause();
    });
    session.stdout.on("end", () => {
      this.push(null);
      this.destroy();
    });
    session.stderr.resume();
  }

  connect(): void {
    process.nextTick(() => this.emit("connect"));
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    this.#session.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#session.stdin.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#session.stdin.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#session.stdin.destroy();
    done(error);
  }
}
