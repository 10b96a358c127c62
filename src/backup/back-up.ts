import { abortable } from "../lib/abortable.ts";
import { execute } from "../engine/exec.ts";
import { streamFile } from "../engine/files.ts";
import { isError, messageOf, UpdaterError } from "../errors.ts";
import { BackupStore, drafts, dumpOf, lockLimitMs } from "./backup-store.ts";
import { type Backup, backupFolder, backupName, beyondKeeping } from "./backups.ts";
import { backupFile, startBackupApplication } from "../instance/containers.ts";
import { removeMediaCopy } from "../instance/media.ts";
import { backupNumber } from "../instance/names.ts";
import { removeParts, stopParts } from "../instance/prune.ts";
import { users } from "../instance/users.ts";
import { scriptBeside } from "../lib/script.ts";
import { tellWaiting, waitTelling } from "../instance/waiting.ts";
import type { OperationContext } from "../runner/context.ts";
import { output } from "../runner/outputs.ts";
import type { CandidateContext } from "../steps/context.ts";
import type { Step } from "../runner/step.ts";
import type { Generation } from "../instance/state.ts";
import type { BlockingSession } from "../postgres/blockers.ts";
import type { Database } from "../postgres/connect.ts";
import { emptyTables } from "../postgres/empty.ts";
import { readMarker, type TransactionMarker } from "../postgres/transaction-marker.ts";
import { flushedPosition, pauseReplay, resumeReplay } from "../postgres/replication.ts";
import { compareVersions } from "../lib/version.ts";
import type { Wait } from "../text/catalogue.ts";
import { startEmptyDatabase } from "../steps/init-instance.ts";
import { blockerIn, catchUpTelling, sessionOf } from "../steps/tell-database.ts";
import { loadInto, restoreInto } from "./restore-dump.ts";

const clearDrafts = scriptBeside(import.meta.url, "clear-drafts.sh");

/** What a standby may take to have what was written before. */
const followLimitMs = 10 * 60_000;

/** What production's transactions may take that lock whole tables. */
const pauseLimitMs = 10 * 60_000;

/** The first version with a command of its own. */
const withOwnCommand = "0.13";

/** What that command does, for the versions before it. */
const documentedLine =
  "dumpdata -a --natural-foreign -e assetplusconnect -e extable -e admin.Logentry -e contenttypes -e sessions -e auth.Permission -o backup.json.bz2";

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

/** Tables that are full when BiomAid's own backup is loaded after `migrate`. */
const madeByMigrate = ["django_migrations", "django_content_type", "auth_permission"];

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
      await backUp(context, { from: serving.number, dump }, signal);
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
      await backUp(context, { from: candidate.number, dump }, signal);
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
  { from, dump }: DumpSource,
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
  if (policy.kinds.includes("json")) {
    await askApplication(context, store, signal);
    await loadElsewhere(context, store, signal);
    await keep("json");
  }
  const backups = await store.list();
  for (const one of beyondKeeping(backups, policy)) await store.remove(one);
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

/** BiomAid's own backup of that database. */
async function askApplication(
  { instance, serving }: BackupContext,
  store: BackupStore,
  signal: AbortSignal,
): Promise<void> {
  await startBackupApplication(instance, serving);
  const own = compareVersions(serving.tag, withOwnCommand) >= 0;
  await manage(instance, own ? ["backup"] : documentedLine.split(" "), signal);
  const { engine, names } = instance;
  const content = await streamFile(engine, names.application(backupNumber), backupFile);
  await store.write(drafts.json, content, signal);
}

/** That one into the same tables, emptied; making them anew takes a real BiomAid minutes. */
async function loadElsewhere(
  { instance, sessions }: BackupContext,
  store: BackupStore,
  signal: AbortSignal,
): Promise<void> {
  await emptyTables(await sessions.database(backupNumber), madeByMigrate);
  await loadInto(instance, backupNumber, dumpOf(store, drafts.json, "json"), signal);
}

async function manage(
  { engine, names, reporter }: BackupContext["instance"],
  command: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const program = ["python", "manage.py", ...command];
  const ran = execute(engine, names.application(backupNumber), program);
  const { status, stdout, stderr } = await abortable(signal, ran);
  const lines = `${stdout}\n${stderr}`.split("\n").filter(Boolean);
  for (const line of lines) reporter.event({ type: "output", source: "application", line });
  if (status === 0) return;
  const reason = `manage.py ${command[0]}: ${lines.slice(-3).join("\n  ")}`;
  throw new UpdaterError("backupFailed", { reason });
}
