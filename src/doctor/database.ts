import { isRunning } from "../engine/containers.ts";
import { cloneSlotPrefix } from "../instance/names.ts";
import {
  longTransactions,
  readSettings,
  type ReplicationSlot,
  replicationSlots,
  serverVersion,
  type Setting,
} from "../postgres/health.ts";
import { readNotCarried } from "../postgres/not-carried.ts";
import type { Database } from "../postgres/connect.ts";
import { clusterSize } from "../postgres/replication.ts";
import { Sessions } from "../runner/sessions.ts";
import { type FactsOf, type Finding, ok, warning } from "./finding.ts";
import { judgeCarried } from "./not-carried.ts";
import type { Site } from "./check-context.ts";

interface Rule {
  readonly good: (value: string) => boolean;
  readonly wanted: string;
  readonly why: FactsOf<"setting">["why"];
  readonly level: "warning" | "problem";
}

const is = (wanted: string, why: Rule["why"], level: Rule["level"]): Rule => ({
  good: (value) => value === wanted,
  wanted,
  why,
  level,
});

/** A swap needs one of each for its clone, a rehearsal another, and pg_basebackup a second sender. */
const atLeast = (least: number): Rule => ({
  good: (value) => Number(value) >= least,
  wanted: `≥ ${least}`,
  why: "swap",
  level: "problem",
});

const rules: Readonly<Record<string, Rule>> = {
  wal_level: is("logical", "swap", "problem"),
  max_wal_senders: atLeast(4),
  max_replication_slots: atLeast(4),
  fsync: is("on", "crash", "problem"),
  full_page_writes: is("on", "crash", "problem"),
  max_slot_wal_keep_size: {
    good: (value) => value !== "-1",
    wanted: "4GB",
    why: "disk",
    level: "warning",
  },
  data_checksums: is("on", "checksums", "warning"),
  hot_standby_feedback: is("on", "vacuum", "warning"),
};

/** Seconds after which a transaction is no page being answered. */
const longTransaction = 60;

/** Bytes of log kept for a slot without a reader that are no longer a trifle. */
const muchLog = 2_000_000_000;

/** Settings of the serving database, who keeps it from moving on, and who keeps its log. */
export async function checkDatabase({ instance, view, busy }: Site): Promise<Finding[]> {
  const serving = view.serving ?? view.servedUntilNow;
  if (!serving) return [];
  const container = instance.names.database(serving.number);
  // A database that does not run is a finding of its own.
  if (!(await isRunning(instance.engine, container))) return [];
  await using sessions = new Sessions(instance);
  const database = await sessions.database(serving.number);
  if (serving.bareMetal) return [await checkForeign(database)];
  const settings = await readSettings(database, Object.keys(rules));
  const wrong = judgeSettings(settings, container);
  const open = await longTransactions(database, longTransaction);
  const slots = await replicationSlots(database);
  const facts = { bytes: await clusterSize(database), version: await serverVersion(database) };
  const previous = view.state.generations.find(({ number }) => number === serving.previous);
  return [
    ...(wrong.length > 0 ? wrong : [ok("database", facts)]),
    ...(open.length > 0
      ? open.map((one) => warning("longTransaction", { ...one, container }))
      : [ok("transactions", {})]),
    ...judgeSlots(slots, {
      container,
      busy,
      followed: instance.names.followSlot,
      previous: previous?.tag,
    }),
    ...judgeCarried(await readNotCarried(database), {
      container,
      database: instance.configuration.database.name,
    }),
  ];
}

/** Of a server of the machine's own it is enough that it answers: how it is set up is the house's affair. */
async function checkForeign(database: Database): Promise<Finding> {
  return ok("database", {
    bytes: await clusterSize(database),
    version: await serverVersion(database),
  });
}

export function judgeSettings(
  settings: ReadonlyMap<string, Setting>,
  container: string,
): Finding[] {
  return Object.entries(rules).flatMap(([name, { good, wanted, why, level }]): Finding | [] => {
    const setting = settings.get(name);
    if (!setting || good(setting.value)) return [];
    const facts = { name, value: setting.value, wanted, why, restart: setting.restart, container };
    return { level, code: "setting", facts };
  });
}

/**
 * @param followed the slot by which the version kept follows: while a swap goes on it has no reader yet
 * @param previous tag of the generation a rollback leads to
 */
export function judgeSlots(
  slots: readonly ReplicationSlot[],
  about: {
    readonly container: string;
    readonly busy: boolean;
    readonly followed: string;
    readonly previous: string | undefined;
  },
): Finding[] {
  const { container, busy, followed, previous } = about;
  const findings: Finding[] = [];
  const fine: ReplicationSlot[] = [];
  for (const slot of slots) {
    const ours = slot.name.startsWith(cloneSlotPrefix);
    if (slot.name === followed) {
      if (slot.lost && previous !== undefined) {
        findings.push(warning("slotLost", { slot: slot.name, previous }));
      } else fine.push(slot);
    } else if (slot.active || (ours && busy)) {
      fine.push(slot);
    } else {
      const level = slot.bytes > muchLog ? "problem" : "warning";
      const facts = { slot: slot.name, bytes: slot.bytes, ours, container };
      findings.push({ level, code: "slotKeepsLog", facts });
    }
  }
  const bytes = Math.max(0, ...fine.map((slot) => slot.bytes));
  return findings.length > 0 ? findings : [ok("replicationSlots", { slots: fine.length, bytes })];
}
