import { execute } from "../engine/exec.ts";
import { streamFile } from "../engine/files.ts";
import { UpdaterError } from "../errors.ts";
import { backupFile, startBackupApplication } from "../instance/containers.ts";
import { backupNumber } from "../instance/names.ts";
import type { Generation } from "../instance/state.ts";
import { fromNow, tellWaiting } from "../instance/waiting.ts";
import { abortable } from "../lib/abortable.ts";
import { compareVersions } from "../lib/version.ts";
import { whileLasting } from "../lib/while-lasting.ts";
import { bytesOfTables, emptyTables } from "../postgres/empty.ts";
import type { OperationContext } from "../runner/context.ts";
import { type BackupStore, drafts, dumpOf } from "./backup-store.ts";
import type { Backup } from "./backups.ts";
import { loadInto } from "./restore-dump.ts";

/** The first version with a command of its own. */
const withOwnCommand = "0.13";

/** What that command does, for the versions before it. */
const documentedLine =
  "dumpdata -a --natural-foreign -e assetplusconnect -e extable -e admin.Logentry -e contenttypes -e sessions -e auth.Permission -o backup.json.bz2";

/** Tables that are full when BiomAid's own backup is loaded after `migrate`. */
const madeByMigrate = ["django_migrations", "django_content_type", "auth_permission"];

/** Milliseconds between two looks at how much of it is in. */
const lookEveryMs = 1_000;

/** Milliseconds that the newest of a site took to be made and loaded again; undefined where that is not known. */
export function lastOwnBackupMs(
  backups: readonly Pick<Backup, "kind" | "takenAt" | "verifiedAt">[],
): number | undefined {
  const newest = backups.find(({ kind }) => kind === "json");
  // It comes after the dump of the same moment.
  const dump = backups.find(({ kind, takenAt }) => kind === "dump" && takenAt === newest?.takenAt);
  if (!newest || !dump) return undefined;
  const tookMs = Date.parse(newest.verifiedAt) - Date.parse(dump.verifiedAt);
  // A clock was set back meanwhile.
  return tookMs < 0 ? undefined : tookMs;
}

/**
 * Lets the serving release make its own backup of the database that a dump was restored into, and loads that there again, into
 * the same tables, emptied; making them anew takes a real BiomAid minutes. It becomes the draft of a backup.
 * @param lastMs as `lastOwnBackupMs` says
 * @throws UpdaterError `backupFailed`, `dumpRefused`
 */
export async function makeOwnBackup(
  {
    instance,
    serving,
    sessions,
  }: Pick<OperationContext, "instance" | "sessions"> & { readonly serving: Generation },
  store: BackupStore,
  lastMs: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { engine, names, reporter } = instance;
  const container = names.application(backupNumber);
  await startBackupApplication(instance, serving);
  const since = fromNow();
  const look = async () => {
    const { stdout } = await execute(engine, container, ["stat", "-c", "%s", backupFile]);
    return { kind: "own-backup", since, bytes: Number(stdout), lastMs: lastMs ?? null } as const;
  };
  const own = compareVersions(serving.tag, withOwnCommand) >= 0;
  const made = manage(instance, own ? ["backup"] : documentedLine.split(" "), signal);
  await tellWaiting(reporter, look, made);
  await store.write(drafts.json, await streamFile(engine, container, backupFile), signal);

  const database = await sessions.database(backupNumber);
  const total = await bytesOfTables(database, madeByMigrate);
  await emptyTables(database, madeByMigrate);
  const tell = async () => {
    // Some tables are not in it: their bytes never come.
    const done = Math.min(total, await bytesOfTables(database, madeByMigrate));
    reporter.event({ type: "progress", step: "backup", done, total, unit: "bytes" });
  };
  const loaded = loadInto(instance, backupNumber, dumpOf(store, drafts.json, "json"), signal);
  await whileLasting(loaded, lookEveryMs, tell);
}

async function manage(
  { engine, names, reporter }: OperationContext["instance"],
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
