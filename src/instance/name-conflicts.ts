import { listContainers } from "../engine/containers.ts";
import { label, type Labels } from "../engine/labels.ts";
import { listNetworks } from "../engine/networks.ts";
import { listVolumes } from "../engine/volumes.ts";
import { UpdaterError } from "../errors.ts";
import type { Instance } from "./instance.ts";
import { backupNumber, objectNames } from "./names.ts";

/** An object that is not this instance's and has a name that it needs. */
export interface NameConflict {
  readonly kind: "container" | "volume" | "network";
  readonly name: string;
}

/**
 * Refuses to begin when an object that is not this instance's has a name that `generation` needs: an
 * operation that met it half-way would have to be undone, and undoing removes by name.
 * @throws UpdaterError `foreignContainer`, `foreignVolume`, `foreignNetwork`
 */
export async function refuseNameConflicts(instance: Instance, generation: number): Promise<void> {
  const [found] = await findNameConflicts(instance, generation);
  if (found) throw nameConflictError(found);
}

export function nameConflictError({ kind, name }: NameConflict): UpdaterError {
  if (kind === "container") return new UpdaterError("foreignContainer", { container: name });
  if (kind === "volume") return new UpdaterError("foreignVolume", { volume: name });
  return new UpdaterError("foreignNetwork", { network: name });
}

export async function findNameConflicts(
  { engine, name, names }: Instance,
  generation: number,
): Promise<NameConflict[]> {
  const [containers, volumes, networks] = await Promise.all([
    listContainers(engine, {}),
    listVolumes(engine, {}),
    listNetworks(engine),
  ]);
  const needed = objectNames(names, [generation, backupNumber]);
  const taken = (
    kind: NameConflict["kind"],
    objects: readonly { name: string; labels: Labels }[],
    wanted: readonly string[],
  ) =>
    objects
      .filter((one) => one.labels[label.instance] !== name && wanted.includes(one.name))
      .map((one) => ({ kind, name: one.name }));
  return [
    ...taken("container", containers, needed.containers),
    ...taken("volume", volumes, needed.volumes),
    ...taken("network", networks, needed.networks),
  ];
}
