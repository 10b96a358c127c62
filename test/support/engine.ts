import { clientOf, connectEngine } from "../../src/engine/connect.ts";
import { label, labelsOf } from "../../src/engine/labels.ts";
import { baseImage } from "../../src/build/own-images.ts";
import { readInstance } from "../../src/instance/read-instance.ts";
import { TestContainer } from "./container.ts";

/**
 * Everything on the engine that has to do with an instance, and its state: what a refused operation
 * must leave as it was. Strangers that bear its names belong to it, so it is found by name: test
 * files run side by side, and no instance of another may have a name that begins with this one's.
 */
export async function pictureOf(instance: string): Promise<readonly string[]> {
  const engine = await connectEngine();
  const [containers, { Volumes }, networks, images] = await Promise.all([
    clientOf(engine).listContainers({ all: true }),
    clientOf(engine).listVolumes(),
    clientOf(engine).listNetworks(),
    clientOf(engine).listImages({ filters: { label: [`${label.instance}=${instance}`] } }),
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
    const { state, serving, gateClosed } = await readInstance(await connectEngine(), instance);
    return JSON.stringify({ state, serving: serving?.number, gateClosed });
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
}

/**
 * Runs a shell command as root, to whom the files of a repository belong, and whom no volume refuses anything.
 * @param where a folder of this machine, or the name of a volume
 * @returns its standard output
 */
export async function asRoot(instance: string, where: string, command: string): Promise<string> {
  await using container = await new TestContainer(baseImage, labelsOf(instance, "scratch"))
    .withCommand(["sleep", "infinity"])
    .withNetworkMode("none")
    .withBindMounts([{ source: where, target: "/folder" }])
    .start();
  const script = ["sh", "-c", command];
  const { exitCode, stdout, stderr } = await container.exec(script, { workingDir: "/folder" });
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
}
