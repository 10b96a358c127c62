import { exit, UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import type { Snapshot } from "../backup/snapshots.ts";
import { findInstance, readInstance } from "../instance/read-instance.ts";
import { mostOthers } from "../backup/backups.ts";
import { listBackups, listOthers } from "../backup/list-backups.ts";
import { snapshotsThere } from "../backup/list-snapshots.ts";
import { type Command, openInstance } from "./command.ts";

export const backupsCommand: Command = async (environment) => {
  const { catalogue, signal } = environment;
  const { backupList, moment } = catalogue.cli;
  const instance = await openInstance(environment, { recover: false });
  const { backups, others } = await inVolume(instance, signal);
  const { snapshots, error } = await inRepository(instance, signal);
  const told = error?.describe(catalogue);
  const lines = [
    ...backups.map((backup) => backupList.line(backup, moment(backup.takenAt))),
    ...others.map((file) => backupList.other(oneLine(file), moment(file.writtenAt))),
    ...(others.length === mostOthers ? [backupList.moreOthers(mostOthers)] : []),
    ...(snapshots ?? []).map((snapshot) => backupList.snapshot(snapshot, moment(snapshot.takenAt))),
    ...(told ? [`! ${told.what}\n  ${told.next}`] : []),
  ];
  environment.print(lines.join("\n") || backupList.empty, {
    type: "backups",
    backups,
    others,
    snapshots,
    ...(error && told && { error: { code: error.code, ...told } }),
  });
  return error || backups.some(({ damaged }) => damaged) ? exit.refused : exit.done;
};

/** A path with a line break must not look like another file, or like a backup. */
const oneLine = <File extends { readonly path: string }>(file: File): File => ({
  ...file,
  path: file.path.replaceAll(/[\r\n]/g, "�"),
});

/** A new machine has none, and snapshots are what it looks for. */
async function inVolume(instance: Instance, signal: AbortSignal) {
  const { engine, name, configuration } = instance;
  const look = configuration.backup.snapshots ? findInstance : readInstance;
  const view = await look(engine, name);
  if (!view) return { backups: [], others: [] };
  const [backups, others] = await Promise.all([
    listBackups(instance, view, signal),
    listOthers(instance, view, signal),
  ]);
  return { backups, others };
}

/** What else there is to tell does not depend on a repository that may be far away. */
async function inRepository(
  instance: Instance,
  signal: AbortSignal,
): Promise<{ snapshots: readonly Snapshot[] | null; error?: UpdaterError }> {
  const policy = instance.configuration.backup.snapshots;
  if (!policy) return { snapshots: null };
  try {
    return { snapshots: await snapshotsThere(instance, policy, signal) };
  } catch (error) {
    if (!(error instanceof UpdaterError)) throw error;
    return { snapshots: null, error };
  }
}
