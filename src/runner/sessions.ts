import { openSession } from "../engine/exec.ts";
import { SessionShell, type Shell } from "../engine/shell.ts";
import { ApplicationSession } from "../instance/application.ts";
import type { Instance } from "../instance/instance.ts";
import { telling } from "../instance/waiting.ts";
import { abortable } from "../lib/abortable.ts";
import { connectDatabase, type Database, terminate } from "../postgres/connect.ts";

/** Milliseconds in which databases must have ended what they do. */
const cutOffLimitMs = 6_000;

/**
 * Connections an operation keeps open, because opening one while users wait costs more than using it.
 * Each is opened at its first use; a closed or broken one is opened again.
 */
export class Sessions {
  readonly #instance: Instance;
  #statementLimit: number;
  readonly #databases = new Map<number, Database>();
  readonly #applications = new Map<number, ApplicationSession>();
  #proxy: SessionShell | undefined;

  constructor(instance: Instance) {
    this.#instance = instance;
    this.#statementLimit = instance.configuration.hold.maxMs;
  }

  /** Milliseconds after which a database gives up a statement from now on. */
  async allow(statementLimit: number): Promise<void> {
    if (statementLimit === this.#statementLimit) return;
    this.#statementLimit = statementLimit;
    // What is open keeps the limit it was opened with: it is opened again, while nobody waits for that.
    const open = [...this.#databases];
    this.#databases.clear();
    const again = open.map(async ([generation, database]) => {
      await goodbye(database);
      await this.database(generation);
    });
    // Where that fails, whoever needs it next is told.
    await Promise.allSettled(again);
  }

  /** The database of a generation, as superuser. */
  async database(generation: number): Promise<Database> {
    const open = this.#databases.get(generation);
    if (open) return open;
    const database = await this.#connect(generation, this.#instance.configuration.database.name);
    this.#databases.set(generation, database);
    database.once("end", () => {
      if (this.#databases.get(generation) === database) this.#databases.delete(generation);
    });
    return database;
  }

  /** The cluster of a generation before it has the application's database; the caller ends it. */
  async maintenanceDatabase(generation: number): Promise<Database> {
    return await this.#connect(generation, "postgres");
  }

  async #connect(generation: number, database: string): Promise<Database> {
    const { engine, names, reporter } = this.#instance;
    const limit = { statementLimit: this.#statementLimit };
    const options = { database, ...limit, tell: telling(reporter) };
    return await connectDatabase(engine, names.database(generation), options);
  }

  /** The process of an application's container that answers the updater. */
  async application(generation: number): Promise<ApplicationSession> {
    const open = this.#applications.get(generation);
    if (open) return open;
    const application = await ApplicationSession.open(this.#instance, generation);
    this.#applications.set(generation, application);
    return application;
  }

  /** A shell in the proxy's container: its network namespace is where requests in progress are seen. */
  async proxy(): Promise<Shell> {
    if (!this.#proxy) {
      const { engine, names } = this.#instance;
      this.#proxy = new SessionShell(await openSession(engine, names.proxy, ["/bin/sh"]));
    }
    return this.#proxy;
  }

  /** Closes what is open to the containers of a generation, before they go. */
  async closeGeneration(generation: number): Promise<void> {
    this.#applications.get(generation)?.close();
    this.#applications.delete(generation);
    const database = this.#databases.get(generation);
    this.#databases.delete(generation);
    if (database) await goodbye(database);
  }

  /** Ends what the databases still do for us, with its transactions; for what is asked of them next others are opened. */
  async cutOff(): Promise<void> {
    const open = [...this.#databases];
    this.#databases.clear();
    const cut = open.map(async ([generation, database]) => {
      database.end().catch(() => undefined);
      await terminate(await this.database(generation), database);
    });
    // One that is frozen answers nothing, and does nothing either.
    const limit = AbortSignal.timeout(cutOffLimitMs);
    await abortable(limit, Promise.allSettled(cut)).catch(() => undefined);
  }

  async close(): Promise<void> {
    for (const generation of [...this.#applications.keys(), ...this.#databases.keys()]) {
      await this.closeGeneration(generation);
    }
    // What a proxy that is frozen was asked is not answered any more.
    const limit = AbortSignal.timeout(cutOffLimitMs);
    if (this.#proxy) await abortable(limit, this.#proxy.close()).catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** A database that hangs would not answer it. */
async function goodbye(database: Database): Promise<void> {
  await Promise.race([
    database.end().catch(() => undefined),
    new Promise((resolve) => setTimeout(resolve, 1000).unref()),
  ]);
}
