import { type ErrorParameters, isError, UpdaterError } from "../errors.ts";
import { output } from "../runner/outputs.ts";
import type { Generation } from "../instance/state.ts";
import { waitTelling } from "../instance/waiting.ts";
import type { SwitchContext } from "../steps/context.ts";
import type { Step } from "../runner/step.ts";
import {
  followedPlan,
  followedUpTo,
  pauseFollowing,
  unshape,
} from "../postgres/follow/follower.ts";
import { type Database, isDatabaseError } from "../postgres/connect.ts";
import { followingState } from "../postgres/follow/health.ts";
import { readLost } from "../postgres/follow/lost-rows.ts";
import {
  type EarlierLook,
  lossOf,
  lostAtBoth,
  tableFiles,
  type TableLoss,
  withSettled,
} from "../postgres/follow/loss.ts";
import { publishedSince, slotIntact } from "../postgres/follow/publication.ts";
import { advanceSequences } from "../postgres/follow/sequences.ts";
import { repairedBefore, repairReferences } from "../postgres/follow/repair-references.ts";
import { blocksWrittenSince, positionForLook } from "../postgres/follow/written-blocks.ts";
import { flushedPosition, liftFence } from "../postgres/replication.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { abortable } from "../lib/abortable.ts";
import { asUpdaterError } from "../runner/known-error.ts";
import { followAgain } from "../steps/resume-previous.ts";
import { applyTelling, fenceTelling, lagOf } from "../steps/tell-database.ts";
import { writeExport } from "./lost-export.ts";

/** What the previous database may take to catch up while users work, and after how long it is asked whether it still tries. */
const lookLimitMs = 60_000;
const patienceMs = 10_000;

/** Milliseconds in which a machine's database must be closed while users wait. */
const closeLimitMs = 5_000;

/** Tables of which a rollback loses something; not set where that is unknown. */
export const tableLosses = output<readonly TableLoss[]>("what the rollback loses");

type Previous = Pick<SwitchContext, "instance" | "sessions" | "serving"> & {
  readonly previous: Generation;
};

/** What was found out while users worked: whether what they write reaches the previous database (`isFollowed`). */
interface Arriving {
  readonly arriving: boolean;
}

/** Waits until the previous database has what users wrote last. */
export const catchUpPrevious: Step<Previous & Arriving> = {
  name: "catch-up-previous",
  gate: "closed",

  async apply({ instance, sessions, serving, previous, arriving }, signal) {
    // Everything is compared instead.
    if (!arriving) return;
    const now = await sessions.database(serving.number);
    const old = await sessions.database(previous.number);
    const position = await flushedPosition(now);
    const limitMs = instance.configuration.hold.maxMs;
    await followTelling({ instance, previous }, old, position, { limitMs, signal });
  },
};

/** `followedUpTo` of a generation's database, which tells what is left where it lasts. */
async function followTelling(
  { instance, previous }: Pick<Previous, "instance" | "previous">,
  old: Database,
  position: string,
  options: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const lag = lagOf(instance, previous.number);
  await waitTelling(instance.reporter, async (found) => {
    found(lag(null));
    await followedUpTo(old, position, { ...options, onLag: (bytes) => found(lag(bytes)) });
  });
}

/** Makes the previous database the one that counts, unless that loses more than was agreed to. */
export const returnWrites: Step<
  Previous &
    Arriving &
    Pick<SwitchContext, "outputs"> & {
      /** The operator agreed to lose what of users' writes the previous version cannot keep. */
      readonly acceptDataLoss: boolean;
      /** Folder for the rows that are lost, as SQL and CSV. */
      readonly exportTo: string | undefined;
      /** What was compared while users worked need not be compared again while they wait. */
      readonly earlier: EarlierLook | undefined;
    },
  Previous
> = {
  name: "return-writes",
  // Undone with `resume-previous`, behind the opening: users wait for nothing of the kept database.
  gate: "closed",

  async apply(context) {
    const { instance, sessions, serving, previous, outputs } = context;
    const { arriving, acceptDataLoss, exportTo, earlier } = context;
    const now = await sessions.database(serving.number);
    const old = await sessions.database(previous.number);
    const followed = await followedPlan(old);
    if (followed) await pauseFollowing(old);
    if (followed?.shaped) {
      const { plan } = followed;
      const blocks = earlier && (await blocksWrittenSince(now, earlier.position));
      const looked = earlier && blocks && { ...earlier, blocks };
      await inTransaction(old, async () => {
        const settled = await repairReferences(old, plan);
        if (await publishedSince(now)) {
          await inTransaction(now, async () => {
            const found = await lossOf(now, old, plan, { arriving, looked });
            const lost = await withSettled(found, settled, now, plan);
            outputs.set(tableLosses, lost);
            if (acceptDataLoss && exportTo !== undefined && lost.length > 0) {
              await writeExport(exportTo, await readLost(now, lost, plan));
            }
          });
        }
        refuseLoss(outputs.find(tableLosses), acceptDataLoss, previous.tag);
        await unshape(old, plan);
      });
      await advanceSequences(now, old);
      // A rollback that is done again has compared before.
    } else if (!followed) refuseLoss(undefined, acceptDataLoss, previous.tag);
    await liftFence(old, instance.configuration.database.role);
  },
};

/**
 * The same of a database that gunicorn and lines of cron of its machine reach, which nobody stops: where users do not come after
 * all, it is closed again before they go on where they were.
 */
export const returnWritesToMachine: typeof returnWrites = {
  ...returnWrites,

  async undo({ instance, sessions, previous }: Previous) {
    const close = async () =>
      await fenceTelling(instance, previous.number, await sessions.database(previous.number));
    // Users are not to wait for a machine that is ill: behind the opening it is closed once more, or somebody is told.
    await abortable(AbortSignal.timeout(closeLimitMs), close()).catch((error: unknown) => {
      instance.reporter.event({ type: "warning", error: asUpdaterError(error) });
    });
  },
};

/** @throws UpdaterError `rollbackLosesData` when anything is lost, or might be, without the operator's consent */
export function refuseLoss(
  lost: readonly TableLoss[] | undefined,
  accepted: boolean,
  tag: string,
): void {
  if (accepted || lost?.length === 0) return;
  throw new UpdaterError("rollbackLosesData", { tag, lost: lost ? lost.map(summaryOf) : null });
}

/** What a table loses, in numbers. */
export type LossSummary = NonNullable<ErrorParameters<"rollbackLosesData">["lost"]>[number];

export function summaryOf({ table, rows, deleted }: TableLoss): LossSummary {
  const partly = rows.filter(({ columns }) => columns.length > 0);
  return {
    table,
    rows: rows.length - partly.length,
    partly: partly.length,
    columns: [...new Set(partly.flatMap(({ columns }) => columns))],
    deleted,
  };
}

/**
 * Whether what users write reaches the kept generation's database, asked while they work. One that has lost its slot, or has
 * met what it cannot take, is no dead end: everything that was written is compared instead.
 * @throws UpdaterError `followerLags` when it is only slow
 */
export async function isFollowed(
  { instance, sessions, serving, previous }: Previous,
  signal: AbortSignal,
): Promise<boolean> {
  const now = await sessions.database(serving.number);
  const old = await sessions.database(previous.number);
  const followed = await followedPlan(old);
  if (!followed || !(await slotIntact(now))) return false;
  try {
    await followAgain(old, now);
  } catch (error) {
    if (isDatabaseError(error)) return false;
    throw error;
  }
  await applyTelling(instance, previous.number, old, signal);
  const position = await flushedPosition(now);
  for (const end = performance.now() + lookLimitMs; ;) {
    try {
      await followTelling({ instance, previous }, old, position, { limitMs: patienceMs, signal });
      return true;
    } catch (error) {
      if (!isError(error, "followerLags")) throw error;
      if ((await followingState(now, old, followed.plan)).state !== "working") return false;
      if (performance.now() > end) throw error;
    }
  }
}

/** What a return to the kept generation would lose, and a look that the next one can start from. */
interface LossSoFar {
  readonly lost: readonly TableLoss[];
  readonly earlier: EarlierLook | undefined;
}

/**
 * What a return to the kept generation would lose, asked while users work; undefined when that is unknown,
 * because its database does not follow.
 * @param arriving as `isFollowed` says
 */
export async function lossSinceSwap(
  { instance, sessions, serving, previous }: Previous,
  arriving: boolean,
  signal: AbortSignal,
): Promise<LossSoFar | undefined> {
  const now = await sessions.database(serving.number);
  const old = await sessions.database(previous.number);
  const followed = await followedPlan(old);
  if (!followed?.shaped || !(await publishedSince(now))) return undefined;
  const { plan } = followed;
  const look = async () => {
    if (arriving) {
      const position = await flushedPosition(now);
      await followTelling({ instance, previous }, old, position, { limitMs: lookLimitMs, signal });
    }
    const position = await positionForLook(now, signal);
    const files = await tableFiles(now);
    const compare = async () =>
      await withSettled(
        await lossOf(now, old, plan, { arriving }),
        await repairedBefore(old, plan),
        now,
        plan,
      );
    const losses = await inTransaction(now, async () => await inTransaction(old, compare));
    return { losses, earlier: position === undefined ? undefined : { position, files, losses } };
  };
  const first = await look();
  if (first.losses.length === 0) return { lost: [], earlier: first.earlier };
  const { losses, earlier } = await look();
  return { lost: lostAtBoth(first.losses, losses), earlier };
}
