import type Docker from "dockerode";
import { baseImage } from "../../src/build/own-images.ts";
import { connectEngine } from "../../src/engine/connect.ts";
import { execute } from "../../src/engine/exec.ts";
import { filterBy, label } from "../../src/engine/labels.ts";
import { withScratch } from "../../src/engine/scratch-container.ts";
import { docker } from "./docker.ts";
import type { Place } from "./site.ts";

/** Stops everything of an instance, so that its volumes may be copied. */
export async function stopInstance(instance: string): Promise<void> {
  const engine = await docker();
  const running = await engine.listContainers({
    filters: filterBy({ [label.instance]: instance }),
  });
  await Promise.all(running.map(async ({ Id }) => await engine.getContainer(Id).stop({ t: 120 })));
}

/**
 * Gives a site on whose name there is nothing all that a stopped one has on the engine: the same volumes, images
 * and containers under its own name, of which run those that the engine keeps running.
 */
export async function copyInstance(from: Place, to: Place): Promise<void> {
  const engine = await docker();
  const of = { filters: filterBy({ [label.instance]: from.instance }) };
  // The name of one that was prepared is in nothing else's.
  const renamed = <Thing>(thing: Thing): Thing =>
    JSON.parse(JSON.stringify(thing).replaceAll(from.instance, to.instance)) as Thing;

  const { Volumes } = await engine.listVolumes(of);
  await Promise.all(
    Volumes.map(({ Name, Labels }) => engine.createVolume(renamed({ Name, Labels }))),
  );
  const [network] = await engine.listNetworks(of);
  if (!network) throw new Error(`${from.instance} has no network`);
  await Promise.all([
    engine.createNetwork(renamed({ Name: network.Name, Labels: network.Labels ?? {} })),
    copyContents(
      Volumes.map(({ Name }) => Name),
      from.instance,
      to.instance,
    ),
    ...(await engine.listImages(of)).map(async (image) => await copyImage(image, renamed)),
  ]);

  const listed = await engine.listContainers({ ...of, all: true });
  const containers = await Promise.all(
    listed.map(async ({ Id }) => await engine.getContainer(Id).inspect()),
  );
  const published = JSON.stringify({ HostPort: String(from.port) }).slice(1, -1);
  const publish = JSON.stringify({ HostPort: String(to.port) }).slice(1, -1);
  const created = await Promise.all(
    containers.map(async ({ Name, Config: { Hostname: _, ...config }, HostConfig }) => {
      const own = renamed({ name: Name.slice(1), ...config, HostConfig });
      const text = JSON.stringify(own).replace(published, publish);
      const container = await engine.createContainer(
        JSON.parse(text) as Docker.ContainerCreateOptions,
      );
      return { container, name: own.name, runs: HostConfig.RestartPolicy?.Name !== "no" };
    }),
  );
  // Databases first: an application that finds none waits for longer than this takes.
  for (const ending of [/-db$/, /-app$/, /-proxy$/]) {
    const next = created.filter(({ name, runs }) => runs && ending.test(name));
    await Promise.all(next.map(async ({ container }) => await container.start()));
  }
}

async function copyContents(volumes: readonly string[], from: string, to: string): Promise<void> {
  const mounts = volumes.flatMap((volume) => [
    { volume, path: `/from/${volume}`, readOnly: true },
    { volume: volume.replace(from, to), path: `/to/${volume}` },
  ]);
  const capabilities = ["DAC_OVERRIDE", "CHOWN", "FOWNER", "FSETID"];
  const limit = AbortSignal.timeout(60_000);
  const engine = await connectEngine();
  await withScratch(engine, to, { image: baseImage, mounts, capabilities }, limit, async (at) => {
    // What the updater keeps of its own there names the instance.
    const control = `/to/biomaid-${from}-control`;
    const script = `set -e
for volume in /from/*; do cp -a "$volume/." "/to/\${volume#/from/}/"; done
find "$1" -name '*.json' -exec sed -i "s/$2/$3/g" {} +
# Nobody has operated it yet.
rm -f "$1/site.json"`;
    const argv = ["sh", "-c", script, "sh", control, from, to];
    const { status, stderr } = await execute(engine, at, argv);
    if (status !== 0) throw new Error(stderr);
  });
}

/** Labels of an image cannot be changed: its content under another name, with others. */
async function copyImage(
  { Id, RepoTags }: Docker.ImageInfo,
  renamed: <Thing>(thing: Thing) => Thing,
): Promise<void> {
  const engine = await docker();
  const { Config } = await engine.getImage(Id).inspect();
  const [repo = "", tag = ""] = renamed(RepoTags?.[0] ?? "").split(":");
  const container = await engine.createContainer({ Image: Id, Labels: renamed(Config.Labels) });
  try {
    await container.commit({ repo, tag });
  } finally {
    await container.remove();
  }
}
