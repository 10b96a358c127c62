import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Ended, type Operator, operatorOf } from "../support/operator.ts";
import { startLoad } from "../support/load.ts";
import { tags } from "../support/miniature.ts";
import { createSite, type Site } from "../support/site.ts";
import { handsOn } from "./hands.ts";
import { type Users, usersOf } from "./users.ts";
import { byTheBook, naively, type Parts, undoNaively } from "./ways.ts";

export interface Options {
  readonly clients: number;
  /** How often the updater swaps and rolls back. */
  readonly repeat: number;
  readonly progress: (doing: string) => void;
  readonly signal: AbortSignal;
}

/** What users saw of one change of release. */
export interface Seen {
  readonly requests: number;
  readonly failed: number;
  /** Milliseconds. */
  readonly longestWait: number;
  /** The longest time in which a page asked for over and over did not come, milliseconds. */
  readonly outage: number;
  /** Acknowledged writes that are not there, or are there twice. */
  readonly writesWrong: number;
}

export interface Moved extends Seen {
  readonly operation: Ended;
}

export interface ByHand extends Seen {
  readonly parts: Parts;
}

/** Everything measured at one size of the database. */
export interface Measured {
  readonly megabytes: number;
  readonly databaseBytes: number;
  readonly swaps: readonly Moved[];
  readonly rollbacks: readonly Moved[];
  readonly naive: ByHand;
  readonly book: ByHand;
}

/** Milliseconds users work before and after a change. */
const calm = 4000;

/**
 * Measures all ways at each of these sizes of the database, on a site for each, and removes the sites. The
 * updater's rounds take turns: what else the machine does then weighs on all sizes alike.
 */
export async function measure(
  sizes: readonly number[],
  options: Options,
): Promise<readonly Measured[]> {
  await using sites = new AsyncDisposableStack();
  const subjects: Subject[] = [];
  for (const megabytes of sizes) {
    subjects.push(sites.use(await Subject.create(megabytes, options)));
  }
  for (let round = 1; round <= options.repeat; round++) {
    for (const subject of subjects) await subject.swapAndRollBack();
  }
  const measured: Measured[] = [];
  for (const subject of subjects) measured.push(await subject.byHand());
  return measured;
}

/** A site with a database of one size, and what was measured on it. */
class Subject {
  readonly #megabytes: number;
  readonly #options: Options;
  readonly #site: Site;
  readonly #operator: Operator;
  readonly #users: Users;
  readonly #swaps: Moved[] = [];
  readonly #rollbacks: Moved[] = [];

  private constructor(megabytes: number, options: Options, site: Site) {
    this.#megabytes = megabytes;
    this.#options = options;
    this.#site = site;
    this.#users = usersOf(site.origin, { uploads: true });
    this.#operator = operatorOf({
      configuration: this.#configuration,
      progress: (doing) => this.#say(doing),
      signal: options.signal,
    });
  }

  static async create(megabytes: number, options: Options): Promise<Subject> {
    const site = await createSite(`bench-${randomBytes(3).toString("hex")}`);
    const subject = new Subject(megabytes, options, site);
    try {
      await subject.#operator.operate("init", tags.first, "--from-dump", site.dump);
      subject.#say("filling the database");
      const fill = ["manage.py", "fill", "--megabytes", String(megabytes)];
      await subject.#operator.exec("python", ...fill);
      return subject;
    } catch (error) {
      await site.remove();
      throw error;
    }
  }

  async swapAndRollBack(): Promise<void> {
    const operate = async (...argv: string[]) =>
      await this.#underLoad(async () => ({ operation: await this.#operator.operate(...argv) }));
    this.#swaps.push(await operate("swap", tags.additive));
    this.#rollbacks.push(await operate("rollback"));
  }

  /** The other two ways, which leave the site unfit for more of the updater's. */
  async byHand(): Promise<Measured> {
    const hands = await handsOn(this.#configuration);
    const databaseBytes = await hands.databaseSize();
    this.#say("a naive swap");
    const naive = await this.#underLoad(async () => ({ parts: await naively(hands) }));
    await undoNaively(hands);
    this.#say("the documented procedure");
    const book = await this.#underLoad(async () => ({ parts: await byTheBook(hands) }));
    return {
      megabytes: this.#megabytes,
      databaseBytes,
      swaps: this.#swaps,
      rollbacks: this.#rollbacks,
      naive,
      book,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#say("removing the site");
    await this.#site.remove();
  }

  get #configuration(): string {
    return join(this.#site.folder, "updater.toml");
  }

  #say(doing: string): void {
    this.#options.progress(`${this.#megabytes} MB  ${doing}`);
  }

  async #underLoad<Done>(change: () => Promise<Done>): Promise<Seen & Done> {
    return await underLoad(this.#site.origin, this.#users, this.#options, change);
  }
}

/** Changes something while users are at work, and says what they saw of it. */
export async function underLoad<Done>(
  origin: string,
  users: Users,
  { clients, signal }: Options,
  change: () => Promise<Done>,
): Promise<Seen & Done> {
  const { signIn, mix, lookUp } = users;
  const load = await startLoad({ origin, clients, signIn, mix, thinkMs: 200 });
  const watch = users.watch();
  let done;
  let report;
  let outage;
  try {
    await pause(calm, undefined, { signal });
    done = await change();
    await users.untilAnswered(signal);
    await pause(calm, undefined, { signal });
  } finally {
    outage = watch.stop();
    report = await load.stop();
  }
  const { missing, duplicated, altered } = await load.ledger.verify(lookUp);
  return {
    ...done,
    requests: report.requests,
    failed: report.failed,
    longestWait: report.waits.longest,
    outage,
    writesWrong: missing.length + duplicated.length + altered.length,
  };
}
