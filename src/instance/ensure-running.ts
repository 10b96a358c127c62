import { startProxy } from "./proxy-container.ts";
import { resumeContainer, setRestartPolicy, stateOf } from "../engine/containers.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { imageLabels } from "../engine/images.ts";
import { ensureNetwork } from "../engine/networks.ts";
import { volumeExists } from "../engine/volumes.ts";
import { UpdaterError } from "../errors.ts";
import { offerDatabase, startStandIn } from "./bare-metal.ts";
import { startApplication, startDatabase } from "./containers.ts";
import { waitForDatabase } from "./database-ready.ts";
import type { Instance } from "./instance.ts";
import type { Generation, State } from "./state.ts";

/**
 * Makes database and application of a generation run, also where a person has stopped, frozen or removed a
 * container: what they hold is in volumes.
 * @returns names of the containers that did not run
 * @throws UpdaterError `volumeGone`, `foreignContainer`, `databaseDoesNotStart`
 */
export async function ensureGenerationRuns(
  instance: Instance,
  generation: Generation,
): Promise<string[]> {
  const database = await ensureDatabaseRuns(instance, generation);
  return [...database, ...(await ensureApplicationRuns(instance, generation))];
}

/**
 * Volumes and images without which a generation cannot be brought back. A container alone can be made again,
 * and needs its image only then.
 */
export async function missingParts(
  { engine, names }: Instance,
  { number, image, databaseImage, bareMetal }: Generation,
): Promise<string[]> {
  const volumes = bareMetal ? [] : [names.data(number), names.configuration(number)];
  const images = [
    [names.application(number), image],
    [names.database(number), databaseImage],
  ] as const;
  const gone = await Promise.all([
    ...volumes.map(async (volume) => ((await volumeExists(engine, volume)) ? [] : [volume])),
    ...images.map(async ([container, needed]) => {
      const there = (await stateOf(engine, container)) ?? (await imageLabels(engine, needed));
      return there ? [] : [needed];
    }),
  ]);
  return gone.flat();
}

/** As `ensureGenerationRuns`, for the database alone; returns once it answers. */
export async function ensureDatabaseRuns(
  instance: Instance,
  generation: Generation,
  signal?: AbortSignal,
): Promise<string[]> {
  const { engine, names } = instance;
  const { number } = generation;
  const own = generation.bareMetal ? [] : [names.data(number), names.configuration(number)];
  for (const volume of [...own, names.media]) {
    if (!(await volumeExists(engine, volume))) throw new UpdaterError("volumeGone", { volume });
  }
  const create = async () => await startDatabase(instance, generation);
  const started = await ensureRuns(instance, names.database(number), create);
  await waitForDatabase(instance, number, signal);
  return started;
}

/** The same for the database of a generation that follows the one that serves. */
export async function ensureFollowerRuns(
  instance: Instance,
  previous: Generation,
  serving: Pick<Generation, "number">,
  signal?: AbortSignal,
): Promise<void> {
  await ensureDatabaseRuns(instance, previous, signal);
  const { bareMetal } = previous;
  if (bareMetal) await offerDatabase(instance, { ...previous, bareMetal }, serving.number);
}

/** As `ensureGenerationRuns`, for the application alone. */
export async function ensureApplicationRuns(
  instance: Instance,
  generation: Generation,
): Promise<string[]> {
  const create = async () => await startApplication(instance, generation);
  return await ensureRuns(instance, instance.names.application(generation.number), create);
}

/** The same for the proxy and the network it shares with the applications. */
export async function ensureProxyRuns(
  instance: Instance,
  { proxyImage, generations }: State,
): Promise<string[]> {
  const { engine, name, names } = instance;
  await ensureNetwork(engine, names.network, labelsOf(name, "network"));
  const bare = generations.find(({ bareMetal }) => bareMetal);
  const create = async () => await startProxy(instance, proxyImage, { bareMetal: bare?.bareMetal });
  const proxy = await ensureRuns(instance, names.proxy, create);
  if (!bare?.bareMetal) return proxy;
  const leading = { ...bare, bareMetal: bare.bareMetal };
  const standIn = async () => await startStandIn(instance, leading);
  return [...proxy, ...(await ensureRuns(instance, names.standIn, standIn))];
}

async function ensureRuns(
  { engine, name }: Instance,
  container: string,
  create: () => Promise<void>,
): Promise<string[]> {
  const state = await stateOf(engine, container);
  if (state === undefined) {
    await create();
    return [container];
  }
  if (state.labels[label.instance] !== name) {
    throw new UpdaterError("foreignContainer", { container });
  }
  await setRestartPolicy(engine, container, "unless-stopped");
  await resumeContainer(engine, container);
  return state.running ? [] : [container];
}
