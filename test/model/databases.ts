import type { Engine } from "../../src/engine/connect.ts";
import { UpdaterError } from "../../src/errors.ts";
import { until } from "../../src/lib/until.ts";
import type { FollowPlan } from "../../src/postgres/follow/plan.ts";
import { openSession } from "./shell.ts";
import { type Database, world } from "./world.ts";

interface Interruptible {
  readonly signal?: AbortSignal;
}

/**
 * A connection to a database of the model: one statement after the other, and what is done in a transaction is undone
 * with it.
 */
export class ModelSession {
  readonly container: string;
  readonly #limitMs: number;
  readonly #restarts = world().restarts;
  #previous: Promise<unknown> = Promise.resolve();
  readonly #killed = new AbortController();
  #rollBack: (() => void) | undefined;
  /** What undoes the statements of the open transaction, last first. */
  #undo: (() => void)[] | undefined;

  constructor(container: string, limitMs: number) {
    this.container = container;
    this.#limitMs = limitMs;
  }

  once(): void {}

  async end(): Promise<void> {}

  /** What it was doing has not happened. */
  kill(): void {
    this.#killed.abort(new Error("Connection terminated"));
    if (this.#rollBack) {
      this.#rollBack();
      world().openTransactions.delete(this.#rollBack);
    }
  }

  get database(): Database {
    const container = world().find(this.container);
    const database = world().data.databases.get(
      Number(container?.labels["biomaid-updater.generation"]),
    );
    const broken = this.#restarts !== world().restarts;
    if (broken || container?.state !== "running" || !database) {
      throw new Error(`${this.container} does not answer`);
    }
    return database;
  }

  /** A statement that changes something; `change` returns what takes it back. */
  async change(
    name: string,
    change: (database: Database) => () => void,
    options: Interruptible = {},
  ): Promise<void> {
    await this.#queue(name, "write", options, (database) => {
      const undo = change(database);
      this.#undo?.unshift(undo);
    });
  }

  async ask<Answer>(
    name: string,
    question: (database: Database) => Answer,
    options: Interruptible = {},
  ): Promise<Answer> {
    return await this.#queue(name, "query", options, question);
  }

  async #queue<Answer>(
    name: string,
    kind: "query" | "write",
    { signal }: Interruptible,
    work: (database: Database) => Answer,
  ): Promise<Answer> {
    const signals = signal ? [signal, this.#killed.signal] : [this.#killed.signal];
    const limit = { limitMs: this.#limitMs, signals };
    const result = this.#previous.then(
      async () =>
        await world().effect(`${this.container}: ${name}`, kind, () => work(this.database), limit),
    );
    this.#previous = result.catch(() => undefined);
    return await result;
  }

  async transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    const undo: (() => void)[] = [];
    const rollBack = () => {
      for (const one of undo.splice(0)) one();
    };
    this.#undo = undo;
    this.#rollBack = rollBack;
    world().openTransactions.add(rollBack);
    try {
      const result = await work();
      await this.ask("COMMIT", () => undefined);
      return result;
    } catch (error) {
      // After what still runs in it: a session takes one statement after the other.
      await this.#previous;
      if (!world().dead) rollBack();
      throw error;
    } finally {
      if (!world().dead) {
        this.#undo = undefined;
        this.#rollBack = undefined;
        world().openTransactions.delete(rollBack);
      }
    }
  }
}

export const connect = {
  isDatabaseError: () => false,
  terminate: async (session: ModelSession, other: ModelSession) => {
    await session.ask("terminate", () => other.kill());
  },
  async connectDatabase(
    engine: Engine,
    container: string,
    { statementLimit }: { statementLimit: number },
  ) {
    await openSession(engine, container);
    return new ModelSession(container, statementLimit);
  },
};

export const transaction = {
  inTransaction: async <Result>(session: ModelSession, work: () => Promise<Result>) =>
    await session.transaction(work),
};

/** Sets one key of a database, and tells how to set it back. */
function set<Key extends keyof Database>(database: Database, key: Key, value: Database[Key]) {
  const before = database[key];
  database[key] = value;
  return () => void (database[key] = before);
}

function without(slots: Set<string>, name: string): Set<string> {
  return slots.difference(new Set([name]));
}

/** A standby takes in everything its primary has, as long as that keeps the log for it. */
function replay(standby: Database): void {
  if (standby.standbyOf === null) return;
  const primary = world().data.databases.get(standby.standbyOf);
  if (!primary || !world().databaseRuns(standby.standbyOf)) return;
  standby.rows = new Set(primary.rows);
  standby.login = primary.login;
}

export const replication = {
  fence: async (session: ModelSession) =>
    await session.change("fence", (database) => set(database, "login", false)),
  liftFence: async (session: ModelSession) =>
    await session.change("lift fence", (database) => {
      if (database.standbyOf !== null)
        throw new Error("cannot execute ALTER ROLE in a read-only transaction");
      return set(database, "login", true);
    }),
  flushedPosition: async (session: ModelSession) =>
    await session.ask("flushed position", () => "0/1"),
  replayedPosition: async (session: ModelSession) =>
    await session.ask("replayed position", () => "0/1"),
  writtenSince: async (session: ModelSession) => await session.ask("written since", () => 0),
  clusterSize: async (session: ModelSession) => await session.ask("cluster size", () => 0),
  catchUp: async (
    session: ModelSession,
    _position: string,
    { limitMs, signal }: { limitMs: number; signal: AbortSignal },
  ) => {
    const caughtUp = async () =>
      await session.ask("replay lag", (database) => {
        replay(database);
        return database.standbyOf === null || world().databaseRuns(database.standbyOf);
      });
    const otherwise = () => {
      throw new UpdaterError("standbyLags", { bytes: 1 });
    };
    await until(caughtUp, { intervalMs: 1000, limitMs, otherwise, signal });
  },
  promote: async (session: ModelSession) =>
    await session.change("promote", (database) => set(database, "standbyOf", null)),
  dropSlot: async (session: ModelSession, slot: string) =>
    await session.change(`drop slot ${slot}`, (database) =>
      set(database, "slots", without(database.slots, slot)),
    ),
  dropAbandonedSlots: async (session: ModelSession, prefix: string) =>
    await session.change("drop abandoned slots", (database) => {
      const kept = [...database.slots].filter((slot) => !slot.startsWith(prefix));
      return set(database, "slots", new Set(kept));
    }),
};

const slot = "updater_follow";

export const publication = {
  publication: slot,
  slot,
  publish: async (session: ModelSession) =>
    await session.change("publish", (database) => {
      const taken = [
        set(database, "published", new Set(database.rows)),
        set(database, "slots", new Set([...database.slots, slot])),
      ];
      return () => taken.forEach((undo) => undo());
    }),
  countFromHere: async (session: ModelSession) =>
    await session.change("count from here", () => () => undefined),
  publishAlso: async (session: ModelSession) =>
    await session.change("publish also", () => () => undefined),
  publishedSince: async (session: ModelSession) =>
    await session.ask("published since", ({ published }) =>
      published ? { changed: [], added: [] } : undefined,
    ),
  unpublish: async (session: ModelSession) =>
    await session.change("unpublish", (database) => {
      const taken = [
        set(database, "published", null),
        set(database, "slots", without(database.slots, slot)),
      ];
      return () => taken.forEach((undo) => undo());
    }),
  slotIntact: async (session: ModelSession) =>
    await session.ask("slot intact", ({ slots }) => slots.has(slot)),
  emptiedTables: () => [],
  touchedTables: async (session: ModelSession) =>
    await session.ask("touched tables", () => ({ changed: [], added: [] })),
};

const plan = { tables: [], notLossless: [], referring: [] } as unknown as FollowPlan;

/** What is written to the database followed arrives, if anything lets it. */
function arrive(database: Database): boolean {
  const { follows } = database;
  if (!follows?.enabled || !follows.shaped) return false;
  const source = world().data.databases.get(follows.source);
  if (!source?.slots.has(slot) || !world().databaseRuns(follows.source)) return false;
  for (const row of source.rows) if (!source.published?.has(row)) database.rows.add(row);
  return true;
}

const changeFollows = (database: Database, part: Partial<NonNullable<Database["follows"]>>) => {
  if (!database.follows) throw new Error("no subscription");
  return set(database, "follows", { ...database.follows, ...part });
};

export const follower = {
  subscription: slot,
  startFollowing: async (session: ModelSession, _plan: FollowPlan, source: string) =>
    await session.change("start following", (database) => {
      if (database.follows) throw new Error("subscription exists");
      const number = Number(/\/g(\d+) /.exec(source)?.[1]);
      return set(database, "follows", { source: number, enabled: true, shaped: true });
    }),
  follows: async (session: ModelSession, source: string) =>
    await session.ask("follows", ({ follows }) =>
      follows ? source.includes(`/g${follows.source} `) : false,
    ),
  untilApplying: async (session: ModelSession) =>
    await session.ask("until applying", () => undefined),
  followedPlan: async (session: ModelSession) =>
    await session.ask("followed plan", ({ follows }) =>
      follows ? { shaped: follows.shaped, plan } : undefined,
    ),
  pauseFollowing: async (session: ModelSession) =>
    await session.change("pause following", (database) =>
      changeFollows(database, { enabled: false }),
    ),
  resumeFollowing: async (session: ModelSession) =>
    await session.change("resume following", (database) =>
      changeFollows(database, { enabled: true }),
    ),
  unshape: async (session: ModelSession) =>
    await session.change("unshape", (database) => changeFollows(database, { shaped: false })),
  reshape: async (session: ModelSession) =>
    await session.change("reshape", (database) => changeFollows(database, { shaped: true })),
  endFollowing: async (session: ModelSession) =>
    await session.change("end following", (database) => set(database, "follows", null)),
  followedUpTo: async (
    session: ModelSession,
    _position: string,
    { limitMs, signal }: { limitMs: number; signal: AbortSignal },
  ) => {
    const otherwise = () => {
      throw new UpdaterError("followerLags", { seconds: 1, bytes: 1 });
    };
    const caughtUp = async () => await session.ask("followed up to", arrive);
    await until(caughtUp, { intervalMs: 1000, limitMs, otherwise, signal });
  },
};

export const loss = {
  lossOf: async (now: ModelSession, old: ModelSession) => {
    const there = await old.ask("compare", ({ rows }) => rows);
    const missing = await now.ask("compare", ({ rows, published }) =>
      [...rows].filter((row) => !there.has(row) && !published?.has(row)),
    );
    const rows = missing.map((row) => ({ key: String(row), columns: [], content: "" }));
    return rows.length > 0 ? [{ table: "t", rows, deleted: 0 }] : [];
  },
  tableFiles: () => Promise.resolve(new Map()),
  lostAtBoth: <Loss>(first: Loss) => first,
  withSettled: async <Loss>(found: Loss) => await Promise.resolve(found),
};

const asked =
  <Answer>(name: string, answer: Answer) =>
  async (session: ModelSession) =>
    await session.ask(name, () => answer);

export const readSchema = asked("schema", { tables: [] });
export const listTables = asked("tables", []);
export const repairReferences = asked("references", []);
export const advanceSequences = async (_now: ModelSession, old: ModelSession) =>
  await old.change("sequences", () => () => undefined);
export const planFollowing = () => plan;
export const constantDefaults = async (session: ModelSession) =>
  await session.ask("defaults", () => plan);
export const createOwnedDatabase = async (session: ModelSession) =>
  await session.change("create database", () => () => undefined);

export const notCarried = {
  readNotCarried: asked("not carried", {
    unlogged: [],
    prepared: [],
    extensions: [],
    collations: [],
  }),
  isOutside: () => false,
};

export const compareData = asked("compare data", []);
export const readSequences = asked("sequences", []);
export const brokenConstraints = asked("constraints", []);
export const mappingFailures = asked("mapping", []);
export const digest = {
  keepDigests: asked("keep digests", undefined),
  dropDigests: asked("drop digests", undefined),
  letSessionsTellWaiting: asked("let sessions tell", undefined),
  countRows: asked("count rows", new Map()),
  droppedValues: asked("dropped values", []),
};

export const followingState = async (_now: ModelSession, old: ModelSession) =>
  await old.ask("following state", (database) => ({
    state: arrive(database) ? "working" : "stopped",
  }));
