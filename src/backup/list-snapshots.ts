import { randomUUID } from "node:crypto";
import type { SnapshotPolicy } from "../config/configuration.ts";
import type { Mount } from "../engine/container-spec.ts";
import { labelsOf } from "../engine/labels.ts";
import type { Instance } from "../instance/instance.ts";
import { openRestic, type Restic } from "./restic.ts";
import { openRepository, wasOpened } from "./shared-repository.ts";
import type { OperationContext } from "../runner/context.ts";
import { listSnapshots, repositoryError, type Snapshot } from "./snapshots.ts";
import { reportStep } from "../instance/events.ts";

/**
 * The snapshots of an instance, the newest first. It takes no lock, and needs no instance.
 * @throws UpdaterError `snapshotRepository`
 */
export async function snapshotsThere(
  instance: Instance,
  policy: SnapshotPolicy,
  signal: AbortSignal,
): Promise<readonly Snapshot[]> {
  return await reportStep(instance.reporter, "list-snapshots", async () => {
    return await withRestic(instance, policy, { readOnly: true }, async (restic) => {
      try {
        return (await listSnapshots(restic, instance.name, signal)).snapshots;
      } catch (error) {
        throw repositoryError(policy, error, { perhapsNew: !(await wasOpened(instance, policy)) });
      }
    });
  });
}

/** A container for a short while, beside whatever else may be at work. */
export async function withRestic<Result>(
  instance: Instance,
  policy: SnapshotPolicy,
  place: { readonly readOnly: boolean; readonly mounts?: readonly Mount[] },
  use: (restic: Restic) => Promise<Result>,
): Promise<Result> {
  const restic = await openRestic(instance, policy, {
    ...place,
    name: `${instance.names.snapshots}-${randomUUID().slice(0, 8)}`,
    labels: labelsOf(instance.name, "scratch"),
    tied: true,
  });
  try {
    return await use(restic);
  } finally {
    await restic.remove();
  }
}

/**
 * What a swap would fail at when users have been told of it. Makes the repository where there was never one.
 * @throws UpdaterError `snapshotRepository`
 */
export async function refuseUnusableRepository(
  { instance, control }: Pick<OperationContext, "instance" | "control">,
  signal: AbortSignal,
): Promise<void> {
  const { beforeSwap, onFailure, snapshots: policy } = instance.configuration.backup;
  if (!policy || !beforeSwap || onFailure === "continue") return;
  await reportStep(instance.reporter, "open-repository", async () => {
    await withRestic(instance, policy, { readOnly: false }, async (restic) => {
      await openRepository(restic, policy, control.shell, signal);
    });
  });
}
