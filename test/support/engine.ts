import { connectEngine } from "../../src/engine/connect.ts";
import { label } from "../../src/engine/labels.ts";
import { viewInstance } from "../../src/instance/view.ts";

/**
 * Everything on the engine that has to do with an instance, and its state: what a refused operation
 * must leave as it was. Strangers that bear its names belong to it, so it is found by name: test
 * files run side by side, and no instance of another may have a name that begins with this one's.
 */
export async function pictureOf(instance: string): Promise<readonly string[]> {
  const engine = await connectEngine();
  const [containers, { Volumes }, networks, images] = await Promise.all([
    engine.listContainers({ all: true }),
    engine.listVolumes(),
    engine.listNetworks(),
    engine.listImages({ filters: { label: [`${label.instance}=${instance}`] } }),
  ]);
  const named = (name: string) => `${name}-`.startsWith(`biomaid-${instance}-`);
  const objects = [
    ...containers.map(({ Names, Id, State }) => [Names[0]?.slice(1) ?? "", Id, State]),
    ...(Volumes ?? []).map(({ Name }) => [Name, "volume"]),
    ...networks.map(({ Name, Id }) => [Name, Id]),
    ...images.map(({ RepoTags }) => [RepoTags?.[0] ?? "", "image"]),
  ];
  return [
    ...objects
      .filter(([name = ""]) => named(name.replace(":", "-")))
      .map((facts) => facts.join(" "))
      .toSorted(),
    await stateOf(instance),
  ];
}

async function stateOf(instance: string): Promise<string> {
  try {
    const { state, serving, gateClosed } = await viewInstance(await connectEngine(), instance);
    return JSON.stringify({ state, serving: serving?.number, gateClosed });
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
}
