import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Ended, operatorOf } from "../support/instance.ts";
import { startLoad } from "../support/load.ts";
import { tags } from "../support/miniature.ts";
import { createSite } from "../support/site.ts";
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
  /** Acknowledged writes that are not there, or are there twice; unknown where a rollback gives them up. */
  readonly writesWrong: number | null;
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

/** Sets up a site with a database of this size, measures all ways on it, and removes it. */
export async function measure(
  instance: string,
  megabytes: number,
  options: Options,
): Promise<Measured> {
  const { repeat, progress, signal } = options;
  const say = (doing: string) => progress(`${megabytes} MB  ${doing}`);
  const site = await createSite(instance);
  const configuration = join(site.folder, "updater.toml");
  const operator = operatorOf({ configuration, progress: say, signal });
  try {
    await operator.operate("init", tags.first, "--from-dump", site.dump);
    say("filling the database");
    await operator.exec("python", "manage.py", "fill", "--megabytes", String(megabytes));
    const users = usersOf(site.origin);

    const swaps: Moved[] = [];
    const rollbacks: Moved[] = [];
    for (let round = 1; round <= repeat; round++) {
      const swap = await underLoad(site.origin, users, options, async () => ({
        operation: await operator.operate("swap", tags.additive),
      }));
      swaps.push(swap);
      const back = async () => await operator.operate("rollback", "--accept-data-loss");
      const rollback = await underLoad(site.origin, users, options, async () => ({
        operation: await back(),
      }));
      rollbacks.push({ ...rollback, writesWrong: null });
    }

    const hands = await handsOn(configuration);
    const databaseBytes = await hands.databaseSize();
    say("a naive swap");
    const naive = await underLoad(site.origin, users, options, async () => ({
      parts: await naively(hands),
    }));
    await undoNaively(hands);
    say("the documented procedure");
    const book = await underLoad(site.origin, users, options, async () => ({
      parts: await byTheBook(hands),
    }));
    return { megabytes, databaseBytes, swaps, rollbacks, naive, book };
  } finally {
    say("removing the site");
    await site.remove();
  }
}

async function underLoad<Done>(
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
