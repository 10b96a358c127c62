import type Docker from "dockerode";
import { clientOf, connectEngine } from "../../src/engine/connect.ts";
import { filterBy, label } from "../../src/engine/labels.ts";

/** The engine itself, for what the updater never does: breaking its own parts, looking at all of them. */
export async function docker(): Promise<Docker> {
  return clientOf(await connectEngine());
}

/** Whether the engine has anything of an instance. */
export async function isThere(instance: string): Promise<boolean> {
  const engine = await docker();
  const of = { filters: filterBy({ [label.instance]: instance }) };
  const [containers, { Volumes }, networks, images] = await Promise.all([
    engine.listContainers({ ...of, all: true }),
    engine.listVolumes(of),
    engine.listNetworks(of),
    engine.listImages(of),
  ]);
  return [containers, Volumes, networks, images].some((found) => found.length > 0);
}
