import { removeContainers } from "../engine/containers.ts";
import { label } from "../engine/labels.ts";
import { removeNetworks } from "../engine/networks.ts";
import { removeVolumes } from "../engine/volumes.ts";
import type { Instance } from "./instance.ts";
import { removeUnusedImages } from "./prune.ts";

/** Deletes an instance and everything in it, users' data included. */
export async function removeInstance(instance: Instance): Promise<void> {
  const labels = { [label.instance]: instance.name };
  await removeContainers(instance.engine, labels);
  await removeVolumes(instance.engine, labels);
  await removeNetworks(instance.engine, labels);
  await removeUnusedImages(instance, []);
}
