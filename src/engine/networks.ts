import { clientOf, type Engine, isConflict, unlessGone } from "./connect.ts";
import { filterBy, type Labels } from "./labels.ts";
import { UpdaterError } from "../errors.ts";

/**
 * Creates a network, or finds the one an earlier try created.
 * @throws UpdaterError `foreignNetwork` when one of that name is not this instance's
 */
export async function ensureNetwork(engine: Engine, name: string, labels: Labels): Promise<void> {
  const ours = await clientOf(engine).listNetworks({ filters: filterBy(labels) });
  if (ours.some(({ Name }) => Name === name)) return;
  try {
    await clientOf(engine).createNetwork({ Name: name, CheckDuplicate: true, Labels: labels });
  } catch (error) {
    if (!isConflict(error)) throw error;
    throw new UpdaterError("foreignNetwork", { network: name }, error);
  }
}

export async function listNetworks(engine: Engine): Promise<{ name: string; labels: Labels }[]> {
  const networks = await clientOf(engine).listNetworks();
  return networks.map(({ Name, Labels }) => ({ name: Name, labels: Labels ?? {} }));
}

export async function removeNetworks(engine: Engine, labels: Labels): Promise<void> {
  for (const { Id } of await clientOf(engine).listNetworks({ filters: filterBy(labels) })) {
    await unlessGone(clientOf(engine).getNetwork(Id).remove());
  }
}
