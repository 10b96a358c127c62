import type { SnapshotPolicy } from "../config/configuration.ts";
import { streamFile } from "../engine/files.ts";
import { labelsOf } from "../engine/labels.ts";
import { UpdaterError } from "../errors.ts";
import { dumpOf } from "./backup-store.ts";
import { comparedWith } from "./dump.ts";
import { type Backup, backupFolder, parseManifest } from "./backups.ts";
import type { Instance } from "../instance/instance.ts";
import { mediaCopy } from "../instance/media.ts";
import { backupNumber, paths } from "../instance/names.ts";
import { openRestic, type Restic, ResticError } from "./restic.ts";
import { outside } from "./restic-secrets.ts";
import { noteOpened } from "./shared-repository.ts";
import type { Snapshot } from "./snapshots.ts";
import { reportStep } from "../instance/events.ts";
import type { OperationContext } from "../runner/context.ts";
import { snapshotsThere } from "./list-snapshots.ts";
import { freeBytes, spare } from "../runner/preflight.ts";
import type { BackupSource } from "./source.ts";

/**
 * The snapshot of this name, as what a restore takes its data from.
 * @returns nothing when there is none
 * @throws UpdaterError `snapshotRepository`
 */
export async function snapshotSource(
  instance: Instance,
  name: string,
  signal: AbortSignal,
): Promise<BackupSource | undefined> {
  const policy = instance.configuration.backup.snapshots;
  const snapshot = policy && (await findSnapshot(instance, policy, name, signal));
  return snapshot && { tag: snapshot.tag, open: opening(policy, snapshot) };
}

/** @returns the snapshot whose name begins like this; nothing when there is none */
export async function findSnapshot(
  instance: Instance,
  policy: SnapshotPolicy,
  name: string,
  signal: AbortSignal,
): Promise<Snapshot | undefined> {
  if (!/^[0-9a-f]{8,64}$/.test(name)) return undefined;
  const found = await snapshotsThere(instance, policy, signal);
  return found.find(({ id }) => id.startsWith(name));
}

function opening(policy: SnapshotPolicy, snapshot: Snapshot): BackupSource["open"] {
  return async (operation, _serving, signal) => {
    const { instance } = operation;
    const { engine, name, names } = instance;
    const restic = await openRestic(instance, policy, {
      name: names.snapshots,
      labels: labelsOf(name, "snapshots", backupNumber),
      // Nothing that a snapshot holds can reach it, and reading needs no lock.
      readOnly: true,
      mounts: [{ volume: names.media, path: paths.media }],
    });
    await noteOpened(policy, operation.control.shell);
    // A network may do better the next time; a disk does not.
    const options = { signal, giveUp: policy.place === "folder" };
    const backup = await manifestIn(restic, snapshot, options);
    const media = await operation.control.media();
    const unpacked = await mediaCopy(media, "begin_foreign", backupNumber);
    const file = `${unpacked}${backupFolder}/${backup.name}`;
    const read = async () =>
      comparedWith(backup.sha256, await streamFile(engine, restic.container, outside(file)), () =>
        damaged(snapshot.name, new ResticError(0, `${backup.name} is not what was verified`)),
      );
    return {
      // What people know it by.
      backup: { ...backup, name: snapshot.name },
      withMedia: true,
      dump: dumpOf({ read }, file, backup.kind),
      look: async () => await refuseSmallVolume(operation, restic, snapshot),
      fetch: async () =>
        await reportStep(instance.reporter, "fetch-snapshot", async () => {
          await fetchData(restic, snapshot, { unpacked, backup }, options);
          await mediaCopy(media, "accept_foreign", backupNumber);
        }),
    };
  };
}

interface ReadOptions {
  readonly signal: AbortSignal;
  readonly giveUp: boolean;
}

/** The database backup to restore: that of pg_dump where there is one, which lacks nothing. */
async function manifestIn(
  restic: Restic,
  { id, name, backups }: Snapshot,
  options: ReadOptions,
): Promise<Backup> {
  const chosen = backups.find((one) => one.endsWith(".dump")) ?? backups[0] ?? "";
  try {
    const path = `${backupFolder}/${chosen}.manifest`;
    const found = parseManifest(
      await restic.run(["dump", "--quiet", "--no-lock", id, path], options),
    );
    if (found) return found;
    throw new ResticError(0, path);
  } catch (error) {
    throw damaged(name, error);
  }
}

/**
 * Writes a snapshot's media and its database backup beside the media, into a folder that is root's alone; restic checks what each is made of, and reads
 * it again. The settings, and the secrets among them, stay where they are: what is beside the media a link among them may lead to.
 * @throws UpdaterError `snapshotDamaged`
 */
async function fetchData(
  restic: Restic,
  { id, name }: Snapshot,
  { unpacked, backup }: { unpacked: string; backup: Backup },
  options: ReadOptions,
): Promise<void> {
  const path = `${backupFolder}/${backup.name}`;
  const include = [paths.media, path].map((one) => `--include=${one}`);
  const argv = ["restore", id, "--quiet", "--no-lock", "--target", unpacked, "--verify"];
  try {
    await restic.run([...argv, ...include], options);
    const same = 'echo "$2  $1" | sha256sum --check --quiet >&2';
    await restic.script(same, [`${unpacked}${path}`, backup.sha256], options);
  } catch (error) {
    throw damaged(name, error);
  }
}

function damaged(name: string, error: unknown): unknown {
  if (!(error instanceof ResticError)) return error;
  return new UpdaterError("snapshotDamaged", { name, reason: error.message }, error);
}

/** @throws UpdaterError `roomTooSmall`: all of it is there twice for a while */
async function refuseSmallVolume(
  { instance: { engine } }: OperationContext,
  { container }: Restic,
  { bytes }: Snapshot,
): Promise<void> {
  const free = await freeBytes(engine, container, outside(paths.media));
  const needed = bytes + spare;
  if (free < needed) throw new UpdaterError("roomTooSmall", { resource: "disk", needed, free });
}
