import { isError, messageOf, UpdaterError } from "../errors.ts";
import { BackupStore, drafts, dumpOf, lockLimitMs } from "./backup-store.ts";
import { type Backup, backupFolder, backupName, beyondKeeping } from "./backups.ts";
import { removeMediaCopy } from "../instance/media.ts";
import { backupNumber } from "../instance/names.ts";
import { removeParts, stopParts } from "../instance/prune.ts";
import { users } from "../instance/users.ts";
import { scriptBeside } from "../lib/script.ts";
import { timeLimit } from "../lib/time-limit.ts";
import { tellWaiting, waitTelling } from "../instance/waiting.ts";
import type { OperationContext } from "../runner/context.ts";
import { output } from "../runner/outputs.ts";
import type { CandidateContext } from "../steps/context.ts";
import type { Step } from "../runner/step.ts";
import type { Generation } from "../instance/state.ts";
import type { BlockingSession } from "../postgres/blockers.ts";
import type { Database } from "../postgres/connect.ts";
import { readMarker, type TransactionMarker } from "../postgres/transaction-marker.ts";
import { flushedPosition, pauseReplay, resumeReplay } from "../postgres/replication.ts";
import type { Wait } from "../text/catalogue.ts";
import { startEmptyDatabase } from "../steps/init-instance.ts";
import { blockerIn, catchUpTelling, sessionOf } from "../steps/tell-database.ts";
import { lastOwnBackupMs, makeOwnBackup } from "./own-backup.ts";
import { restoreInto } from "./restore-dump.ts";

const clearDrafts = scriptBeside(import.meta.url, "clear-drafts.sh");

/** What a standby may take to have what was written before. */
const followLimitMs = 10 * 60_000;

/** What production's transactions may take that lock whole tables. */
const pauseLimitMs = 10 * 60_000;

/** Those that were made and verified, in order. */
export const backupsMade = output<readonly Backup[]>("the backups made");

/** Steps that back up what is serving. */
export interface BackupContext extends OperationContext {
  readonly serving: Generation;
}

type CleanContext = Pick<OperationContext, "instance" | "control" | "sessions">;

/** A step of its own, because what is undone is only this: a backup that was verified is kept. */
export const prepareBackup: Step<CleanContext, CleanContext> = {
  name: "prepare-backup",
  apply: clearBackup,
  undo: clearBackup,
};

/** Backs the serving database up. */
export const backUpServing: Step<BackupContext> = {
  name: "backup",
  async apply(context, signal) {
    const { instance, serving, sessions } = context;
    const dump = async (store: BackupStore) => {
      const database = await sessions.database(serving.number);
      const from = { generation: serving.number, database };
      return await dumpOfMoment(instance, from, store, signal);
    };
    try {
      // Whoever asks for a backup waits for all of it.
      await backUp(context, { from: serving.number, dump, limitMs: undefined }, signal);
    } finally {
      await clearBackup(context);
    }
  },
};

/** Backs up the standby that is to be the candidate's database, which holds the same: production does not notice. */
export const backUpStandby: Step<BackupContext & Pick<CandidateContext, "candidate">> = {
  name: "backup",

  async apply(context, signal) {
    const { instance, serving, candidate, sessions } = context;
    const { reporter } = instance;
    const standby = await sessions.database(candidate.number);
    const source = await sessions.database(serving.number);
    const upToDate = async () => {
      const position = await flushedPosition(source);
      const followed = { generation: candidate.number, standby, position };
      await catchUpTelling(instance, followed, { limitMs: followLimitMs, signal });
    };
    // What production locks or cleans up meanwhile would end the dump, or wait for it half-way.
    const dump = async (store: BackupStore) => {
      await upToDate();
      await waitTelling(reporter, async (found) => {
        const onLock = (session: BlockingSession | undefined) =>
          found(sessionOf(instance, serving.number, session));
        const options = { primary: source, limitMs: pauseLimitMs, signal, onLock };
        await pauseReplay(standby, options);
      });
      try {
        const from = { generation: candidate.number, database: standby };
        return await dumpOfMoment(instance, from, store, signal);
      } finally {
        await resumeReplay(standby);
      }
    };
    try {
      const { kinds, jsonLimitMs } = instance.configuration.backup;
      // Where there is no other, a swap waits for it.
      const limitMs = kinds.includes("dump") ? jsonLimitMs : undefined;
      await backUp(context, { from: candidate.number, dump, limitMs }, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (instance.configuration.backup.onFailure === "abort") throw error;
      if (!(error instanceof UpdaterError)) throw error;
      reporter.event({ type: "warning", error });
    } finally {
      await clearBackup(context);
    }
    // What it has still to take in is paid for here, not while users wait.
    await upToDate();
  },
};

/** Removes where a backup was made and checked, and what is not one yet. */
export async function clearBackup({ instance, control, sessions }: CleanContext): Promise<void> {
  await sessions.closeGeneration(backupNumber);
  // What was begun there goes on, whoever has waited for it, and would write on where it is being deleted. Containers that
  // are stopped still tell that there is something to tidy.
  await stopParts(instance, backupNumber);
  await removeMediaCopy(control, backupNumber);
  await removeParts(instance, backupNumber);
  const owner = String(users.database);
  await control.shell.run(clearDrafts, backupFolder, owner, ...Object.values(drafts));
}

interface DumpSource {
  /** Generation whose database it is. */
  readonly from: number;
  /** Milliseconds that BiomAid's own backup of it may take; undefined: as long as it does. */
  readonly limitMs: number | undefined;
  readonly dump: (store: BackupStore) => Promise<TransactionMarker>;
}

/**
 * @returns the moment that the dump is of
 * @throws UpdaterError `backupFailed`, `waitedTooLong` for who has locked a table
 */
async function dumpOfMoment(
  instance: BackupContext["instance"],
  { generation, database }: { readonly generation: number; readonly database: Database },
  store: BackupStore,
  signal: AbortSignal,
): Promise<TransactionMarker> {
  const moment = await readMarker(database);
  const blocker = blockerIn(instance, generation, database, { application: "pg_dump" });
  let awaited: Wait | undefined;
  const look = async () => (awaited = await blocker());
  try {
    await tellWaiting(instance.reporter, look, store.dumpDatabase(drafts.dump, signal));
  } catch (error) {
    // Its own words tell of a timeout, and not of whom it has waited for.
    if (!awaited || !isError(error, "backupFailed")) throw error;
    throw new UpdaterError("waitedTooLong", { seconds: lockLimitMs / 1000, awaited }, error);
  }
  return moment;
}

/**
 * Makes a backup of each configured kind and keeps those that can be restored. Only the dump is taken from the site's
 * database: BiomAid's own backup is made from the copy in which the dump was restored, so that both are of one
 * moment, and a boot of BiomAid changes no table that counts.
 * @throws UpdaterError `backupFailed`
 */
async function backUp(
  context: BackupContext,
  source: DumpSource,
  signal: AbortSignal,
): Promise<void> {
  try {
    await take(context, source, signal);
  } catch (error) {
    signal.throwIfAborted();
    const refused = isError(error, "dumpRefused");
    if (error instanceof UpdaterError && !refused) throw error;
    const reason = refused ? error.parameters.reason : messageOf(error);
    throw new UpdaterError("backupFailed", { reason }, error);
  }
}

async function take(
  context: BackupContext,
  { from, limitMs, dump }: DumpSource,
  signal: AbortSignal,
): Promise<void> {
  const { instance, control, serving, outputs } = context;
  const { backup: policy } = instance.configuration;
  const store = await BackupStore.open(instance, control, { ...serving, number: from });
  const takenAt = new Date().toISOString();
  const moment = await dump(store);
  const keep = async (kind: Backup["kind"]) => {
    const backup = await described(context, store, { kind, takenAt, moment }, signal);
    await store.keep(drafts[kind], backup);
    outputs.set(backupsMade, [...(outputs.find(backupsMade) ?? []), backup]);
  };
  await restoreElsewhere(context, store, signal);
  if (policy.kinds.includes("dump")) await keep("dump");
  if (policy.kinds.includes("json") && (await makeOwn(context, store, limitMs, signal))) {
    await keep("json");
  }
  const backups = await store.list();
  for (const one of beyondKeeping(backups, policy)) await store.remove(one);
}

/**
 * Makes the draft of BiomAid's own backup.
 * @returns whether it could, in the time it may take
 */
async function makeOwn(
  context: BackupContext,
  store: BackupStore,
  limitMs: number | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const lastMs = lastOwnBackupMs(await store.list());
  if (limitMs === undefined) {
    await makeOwnBackup(context, store, lastMs, signal);
    return true;
  }
  const error = new UpdaterError("ownBackupLeftOut", { limitMs, lastMs: lastMs ?? null });
  const leaveOut = () => {
    context.instance.reporter.event({ type: "warning", error });
    return false;
  };
  if (lastMs !== undefined && lastMs > limitMs) return leaveOut();
  const late = timeLimit(limitMs, () => error);
  try {
    await makeOwnBackup(context, store, lastMs, AbortSignal.any([signal, late]));
    return true;
  } catch (thrown) {
    if (signal.aborted || !late.aborted) throw thrown;
    // What was begun there ends with the place that it runs in.
    return leaveOut();
  }
}

async function described(
  { instance, serving }: BackupContext,
  store: BackupStore,
  { kind, ...when }: Pick<Backup, "kind" | "takenAt" | "moment">,
  signal: AbortSignal,
): Promise<Backup> {
  return {
    version: 1,
    name: backupName(when.takenAt, serving.tag, kind),
    instance: instance.name,
    kind,
    tag: serving.tag,
    commit: serving.commit,
    localCommit: serving.localCommit,
    generation: serving.number,
    ...when,
    verifiedAt: new Date().toISOString(),
    ...(await store.measure(drafts[kind], signal)),
  };
}

/** The dump into a database of its own. */
async function restoreElsewhere(
  { instance, sessions, serving }: BackupContext,
  store: BackupStore,
  signal: AbortSignal,
): Promise<void> {
  await startEmptyDatabase({ instance, sessions }, { ...serving, number: backupNumber }, signal);
  await restoreInto(instance, backupNumber, dumpOf(store, drafts.dump, "dump"), signal);
}
