import { listContainers } from "../engine/containers.ts";
import { label, type Labels } from "../engine/labels.ts";
import { listNetworks } from "../engine/networks.ts";
import { listVolumes } from "../engine/volumes.ts";
import { UpdaterError } from "../errors.ts";
import type { Instance } from "./instance.ts";
import { slotCount } from "./names.ts";

/**
 * Refuses to begin when an object that is not this instance's has a name that `generation` needs: an
 * operation that met it half-way would have to be undone, and undoing removes by name.
 * @throws UpdaterError `foreignContainer`, `foreignVolume`, `foreignNetwork`
 */
export async function refuseForeign(
  { engine, name, names }: Instance,
  generation: number,
): Promise<void> {
  const [containers, volumes, networks] = await Promise.all([
    listContainers(engine, {}),
    listVolumes(engine, {}),
    listNetworks(engine),
  ]);
  const theirs = (labels: Labels) => labels[label.instance] !== name;
  const container = containers.find(
    (one) =>
      theirs(one.labels) &&
      [
        names.control,
        names.proxy,
        ...names.gates,
        names.clone(generation),
        names.database(generation),
        names.application(generation),
      ].includes(one.name),
  );
  if (container) throw new UpdaterError("foreignContainer", { container: container.name });
  const slots = Array.from({ length: slotCount }, (_, index) => names.slot(index + 1));
  const volume = volumes.find(
    (one) =>
      theirs(one.Labels) &&
      [
        names.control,
        names.gateVolume,
        names.media,
        names.backups,
        names.replication,
        ...slots,
        names.data(generation),
        names.databaseSocket(generation),
        names.configuration(generation),
      ].includes(one.Name),
  );
  if (volume) throw new UpdaterError("foreignVolume", { volume: volume.Name });
  const network = networks.find((one) => theirs(one.labels) && one.name === names.network);
  if (network) throw new UpdaterError("foreignNetwork", { network: network.name });
}
