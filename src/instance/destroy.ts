import { listContainers, removeContainer, removeContainers } from "../engine/containers.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { removeNetworks } from "../engine/networks.ts";
import { listVolumes, removeVolumes } from "../engine/volumes.ts";
import type { Instance } from "./instance.ts";
import { removeUnusedImages } from "./prune.ts";

/** Deletes an instance and everything in it, users' data included. */
export async function removeInstance(instance: Instance): Promise<void> {
  const labels = { [label.instance]: instance.name };
  // It might start something meanwhile.
  await removeContainers(instance.engine, labelsOf(instance.name, "scheduler"));
  for (const { id, running, labels: own } of await listContainers(instance.engine, labels)) {
    // An `init` is undone by the very operator that began it.
    if (own[label.role] !== "operator" || !running) await removeContainer(instance.engine, id);
  }
  // What tells whose it is goes last: whoever is interrupted finds out what there is still to remove.
  const control = labelsOf(instance.name, "control");
  const kept = new Set((await listVolumes(instance.engine, control)).map(({ name }) => name));
  await removeVolumes(instance.engine, labels, kept);
  await removeVolumes(instance.engine, control);
  await removeNetworks(instance.engine, labels);
  await removeUnusedImages(instance, []);
}
