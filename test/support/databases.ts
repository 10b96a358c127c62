import { afterAll, afterEach, beforeAll } from "vitest";
import type { Database } from "../../src/postgres/connect.ts";
import { type Postgres, startPostgres } from "./postgres.ts";

/** A PostgreSQL for the tests of a file, in which subscribers start at once. @returns what tells it */
export function usePostgres(): () => Postgres {
  let postgres: Postgres;
  /** Of one test: there is room for some dozens. */
  const opened: Database[] = [];
  beforeAll(async () => {
    const started = await startPostgres();
    const noted = async (database: Promise<Database>) => {
      opened.push(await database);
      return await database;
    };
    postgres = {
      ...started,
      create: async (...asked) => await noted(started.create(...asked)),
      connect: async (...asked) => await noted(started.connect(...asked)),
    };
    const control = await postgres.connect("postgres");
    // PostgreSQL starts one subscriber in so much time.
    await control.query("ALTER SYSTEM SET wal_retrieve_retry_interval = '10ms'");
    await control.query("SELECT pg_reload_conf()");
  });
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.end().catch(() => undefined);
  });
  afterAll(async () => await postgres?.remove());
  return () => postgres;
}
