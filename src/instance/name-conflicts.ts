import { listContainers } from "../engine/containers.ts";
import { label, type Labels } from "../engine/labels.ts";
import { listNetworks } from "../engine/networks.ts";
import { listVolumes } from "../engine/volumes.ts";
import { UpdaterError } from "../errors.ts";
import type { Instance } from "./instance.ts";
import { backupNumber, slotCount } from "./names.ts";

/** An object that is not this instance's and has a name that it needs. */
export interface ForeignObject {
  readonly kind: "container" | "volume" | "network";
  readonly name: string;
}

/**
 * Refuses to begin when an object that is not this instance's has a name that `generation` needs: an
 * operation that met it half-way would have to be undone, and undoing removes by name.
 * @throws UpdaterError `foreignContainer`, `foreignVolume`, `foreignNetwork`
 */
export async function refuseForeign(instance: Instance, generation: number): Promise<void> {
  const [found] = await findForeign(instance, generation);
  if (found) throw foreignError(found);
}

export function foreignError({ kind, name }: ForeignObject): UpdaterError {
  if (kind === "container") return new UpdaterError("foreignContainer", { container: name });
  if (kind === "volume") return new UpdaterError("foreignVolume", { volume: name });
  return new UpdaterError("foreignNetwork", { network: name });
}

/** Objects that are not this instance's and have a name that `generation` needs. */
export async function findForeign(
  { engine, name, names }: Instance,
  generation: number,
): Promise<ForeignObject[]> {
  const [containers, volumes, networks] = await Promise.all([
    listContainers(engine, {}),
    listVolumes(engine, {}),
    listNetworks(engine),
  ]);
  const needed = [generation, backupNumber];
  const theirs = (labels: Labels) => labels[label.instance] !== name;
  const ofKind = (
    kind: ForeignObject["kind"],
    objects: readonly { name: string; labels: Labels }[],
    wanted: readonly string[],
  ) =>
    objects
      .filter((one) => theirs(one.labels) && wanted.includes(one.name))
      .map((one) => ({ kind, name: one.name }));
  return [
    ...ofKind("container", containers, [
      names.control,
      names.operator,
      names.scheduler,
      names.job,
      names.book,
      names.proxy,
      names.rehearsalProxy,
      names.backupKeeper,
      ...names.gates,
      names.clone(generation),
      ...needed.flatMap((number) => [names.database(number), names.application(number)]),
    ]),
    ...ofKind(
      "volume",
      volumes.map(({ Name, Labels }) => ({ name: Name, labels: Labels })),
      [
        names.control,
        names.gateVolume,
        names.media,
        names.backups,
        names.seen,
        names.replication,
        // Slot 0 is a rehearsal's.
        ...Array.from({ length: slotCount + 1 }, (_, index) => names.slot(index)),
        ...needed.flatMap((number) => [
          names.data(number),
          names.databaseSocket(number),
          names.configuration(number),
        ]),
      ],
    ),
    ...ofKind("network", networks, [names.network]),
  ];
}
