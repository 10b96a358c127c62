import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { clientOf, connectEngine } from "../../src/engine/connect.ts";
import { memoryOf } from "../../src/engine/container-output.ts";
import { operatorOf } from "../support/operator.ts";
import { tags } from "../support/miniature.ts";
import { createSite } from "../support/site.ts";
import { count } from "../../src/text/en/format.ts";
import { seconds, tableOf } from "../support/table.ts";
import { changeRows, readRows, throughput } from "../support/traces.ts";
import { type Moved, type Options, underLoad } from "./measure.ts";
import { usersOf } from "./users.ts";

/** What the way back costs, and what it gives. Times in milliseconds. */
export interface WayBackCost {
  /** Swaps without a migration, and the rollback after each. */
  readonly swaps: readonly Moved[];
  readonly rollbacks: readonly Moved[];
  /** How far behind the previous database was, looked at again and again while users worked. */
  readonly lags: readonly number[];
  /** Bytes the previous database's container holds after that. */
  readonly memory: number;
  /** Part of one processor it used meanwhile. */
  readonly processor: number;
  /** Milliseconds users waited for a rollback, by the rows written since the swap to a table that is not kept as a whole. */
  readonly lossy: readonly { readonly rows: number; readonly hold: number }[];
  /** Transactions a second of writers that do nothing else, with a database that follows and without, in turns. */
  readonly following: readonly number[];
  readonly alone: readonly number[];
}

/** Promised, as ratios of one run. */
const allowed = { swap: 1.1, rollback: 1.5, lossy: 1.5 };

/** Rows of a day, and of a long time. */
const writtenSince = [2_000, 200_000];

/** Seconds of writing at full speed, each turn. */
const turn = 10;

export async function measureWayBack(megabytes: number, options: Options): Promise<WayBackCost> {
  const site = await createSite(`bench-${randomBytes(3).toString("hex")}`);
  const progress = (doing: string) => options.progress(`${megabytes} MB  ${doing}`);
  try {
    const operator = operatorOf({
      configuration: join(site.folder, "updater.toml"),
      progress,
      signal: options.signal,
    });
    await operator.operate("init", tags.additive, "--from-dump", site.dump);
    await operator.exec("python", "manage.py", "fill", "--megabytes", String(megabytes));
    const users = usersOf(site.origin, { uploads: true });
    const move = async (...argv: string[]) =>
      await underLoad(site.origin, users, options, async () => ({
        operation: await operator.operate(...argv),
      }));
    const swaps: Moved[] = [];
    const rollbacks: Moved[] = [];
    for (let round = 0; round < options.repeat; round++) {
      swaps.push(await move("swap", tags.codeOnly));
      rollbacks.push(await move("rollback"));
    }
    await operator.operate("swap", tags.codeOnly);
    // Each swap took a number, and none was given back.
    const serving = options.repeat + 2;
    progress("how far behind");
    const follower = `biomaid-${site.instance}-g1-db`;
    const { lags, processor } = await underLoad(site.origin, users, options, async () => {
      const [from, startedAt] = [await processorTimeOf(follower), performance.now()];
      const lags = await lagsOf(site.instance, serving);
      const used = (await processorTimeOf(follower)) - from;
      return { lags, processor: used / (performance.now() - startedAt) };
    });
    const memory = await memoryOf(await connectEngine(), follower);
    const writing = { following: [] as number[], alone: [] as number[] };
    for (let round = 0; round < options.repeat; round++) {
      for (const way of ["following", "alone"] as const) {
        progress(`writing at full speed, ${way}`);
        await setFollowing(site.instance, serving, way === "following");
        writing[way].push(await throughput(site.instance, serving, turn));
      }
    }
    const lossy = [];
    for (const rows of writtenSince) lossy.push({ rows, hold: await holdOfLossy(rows, options) });
    return { swaps, rollbacks, lags, memory, processor, lossy, ...writing };
  } finally {
    progress("removing the site");
    await site.remove();
  }
}

/** Milliseconds users wait for the way back from a version whose demands have a column more. */
async function holdOfLossy(rows: number, options: Options): Promise<number> {
  const site = await createSite(`bench-${randomBytes(3).toString("hex")}`);
  const progress = (doing: string) => options.progress(`${rows} rows since  ${doing}`);
  try {
    const configuration = join(site.folder, "updater.toml");
    const operator = operatorOf({ configuration, progress, signal: options.signal });
    await operator.operate("init", tags.first, "--from-dump", site.dump);
    await operator.operate("swap", tags.additive);
    await changeRows(site.instance, 2, [
      `INSERT INTO dem_demande (libelle, auteur_id, montant, urgent, remarque, date)
       SELECT 'since ' || i, (SELECT min(id) FROM common_user), 1, false, '', now() FROM generate_series(1, ${rows}) i`,
    ]);
    const users = usersOf(site.origin, { uploads: false });
    const { operation } = await underLoad(site.origin, users, options, async () => ({
      operation: await operator.operate("rollback", "--accept-data-loss"),
    }));
    return operation.hold ?? 0;
  } finally {
    progress("removing the site");
    await site.remove();
  }
}

/** Milliseconds a container's processes have worked. */
async function processorTimeOf(container: string): Promise<number> {
  const engine = await connectEngine();
  const { cpu_stats: processor } = await clientOf(engine)
    .getContainer(container)
    .stats({ stream: false, "one-shot": true });
  return processor.cpu_usage.total_usage / 1e6;
}

async function lagsOf(instance: string, serving: number): Promise<number[]> {
  const lags: number[] = [];
  const end = performance.now() + turn * 1000;
  while (performance.now() < end) {
    const [row] = await readRows<{ lag: number }>(
      instance,
      serving,
      `SELECT coalesce(extract(epoch FROM replay_lag), 0)::float * 1000 AS lag
         FROM pg_stat_replication WHERE application_name = 'updater_follow'`,
    );
    if (!row) throw new Error("nobody follows");
    lags.push(row.lag);
  }
  return lags;
}

/** Returns once the previous database has taken in everything, where it is to follow. */
async function setFollowing(instance: string, serving: number, on: boolean): Promise<void> {
  await changeRows(instance, 1, [`ALTER SUBSCRIPTION updater_follow ${on ? "ENABLE" : "DISABLE"}`]);
  const behind = `SELECT 1 AS behind FROM pg_replication_slots
    WHERE slot_name = 'updater_follow' AND (${on ? "NOT active OR confirmed_flush_lsn < pg_current_wal_flush_lsn()" : "active"})`;
  while ((await readRows(instance, serving, behind)).length > 0) await pause(100);
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

const middle = (values: readonly number[]) => percentile(values, 0.5);
const holds = (runs: readonly Moved[]) => runs.map(({ operation }) => operation.hold ?? 0);

function ratiosOf({ swaps, rollbacks, following, alone, lossy }: WayBackCost) {
  const publishing = ({ steps }: Moved["operation"]) =>
    (steps["publish-changes"] ?? 0) + (steps["publish-boot"] ?? 0);
  const without = swaps.map(({ operation }) => (operation.hold ?? 0) - publishing(operation));
  return {
    swap: middle(holds(swaps)) / middle(without),
    rollback: middle(holds(rollbacks)) / middle(holds(swaps)),
    throughput: middle(following) / middle(alone),
    lossy: (lossy.at(-1)?.hold ?? 0) / (lossy[0]?.hold ?? 1),
  };
}

export function keepsPromises(cost: WayBackCost): boolean {
  const ratios = ratiosOf(cost);
  return (
    ratios.swap <= allowed.swap &&
    ratios.rollback <= allowed.rollback &&
    ratios.lossy <= allowed.lossy &&
    [...cost.swaps, ...cost.rollbacks].every(
      ({ failed, writesWrong }) => failed + writesWrong === 0,
    )
  );
}

export function wayBackText(cost: WayBackCost): string {
  const { swaps, rollbacks, lags, memory, processor, following, alone } = cost;
  const ratios = ratiosOf(cost);
  const all = [...swaps, ...rollbacks];
  const sum = (of: (run: Moved) => number) => all.reduce((total, run) => total + of(run), 0);
  const perSecond = (values: readonly number[]) => `${Math.round(middle(values))}/s`;
  const rows = [
    ["hold of a swap without migrations", seconds(middle(holds(swaps))), ""],
    ["… ÷ the same without publishing", ratios.swap.toFixed(2), `at most ${allowed.swap}`],
    ["hold of the rollback after it", seconds(middle(holds(rollbacks))), ""],
    ["… ÷ hold of the swap", ratios.rollback.toFixed(2), `at most ${allowed.rollback}`],
    ...cost.lossy.map(({ rows: since, hold }) => [
      `hold of one that compares ${count(since)} rows`,
      seconds(hold),
      "",
    ]),
    ["… ratio", ratios.lossy.toFixed(2), `at most ${allowed.lossy}`],
    ["behind while users work, median", `${middle(lags).toFixed(1)} ms`, ""],
    ["… 95 %", `${percentile(lags, 0.95).toFixed(1)} ms`, ""],
    ["memory of the database that follows", `${Math.round(memory / 1e6)} MB`, ""],
    ["processor it uses while users work", `${(processor * 100).toFixed(1)} %`, ""],
    ["writes with a database that follows", perSecond(following), ""],
    ["writes without", perSecond(alone), ""],
    ["… ratio", ratios.throughput.toFixed(2), ""],
    ["failed requests", String(sum(({ failed }) => failed)), "0"],
    ["writes lost or done twice", String(sum(({ writesWrong }) => writesWrong)), "0"],
  ];
  return tableOf([["", "", "promised"], ...rows]);
}
