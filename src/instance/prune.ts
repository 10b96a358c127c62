import { execute } from "../engine/exec.ts";
import { listContainers, removeContainers, stopContainer } from "../engine/containers.ts";
import { listImages, removeUnusedImage } from "../engine/images.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { listVolumes, removeVolumes } from "../engine/volumes.ts";
import type { Instance } from "./instance.ts";
import type { Control } from "./instance-lock.ts";
import { removeMediaCopy } from "./media.ts";
import { paths } from "./names.ts";
import type { Generation } from "./state.ts";
import { emptySlot } from "./slot.ts";
import { fromNow, tellWaiting } from "./waiting.ts";

/** Deletes the containers, the data and the files of a generation that nothing leads back to. */
export async function removeGeneration(
  instance: Instance,
  control: Pick<Control, "shell" | "media">,
  { number, slot }: Pick<Generation, "number" | "slot">,
): Promise<void> {
  // As long as there are parts, they tell of it.
  await removeMediaCopy(control, number);
  await removeParts(instance, number);
  await emptySlot(control.shell, paths.slot(slot));
}

/**
 * Deletes what an updater that was killed had begun and not yet written down, or had forgotten and not yet deleted: parts
 * of generations the state does not know, and their media. Only under the lock.
 * @returns their numbers
 */
export async function removeUnfinished(
  instance: Instance,
  control: Pick<Control, "shell" | "media">,
  known: readonly Generation[],
): Promise<number[]> {
  const labels = { [label.instance]: instance.name };
  const [containers, volumes] = await Promise.all([
    listContainers(instance.engine, labels),
    listVolumes(instance.engine, labels),
  ]);
  const there = [...containers, ...volumes]
    .map((one) => Number(one.labels[label.generation]))
    .filter((number) => number > 0);
  const unfinished = new Set(there).difference(new Set(known.map(({ number }) => number)));
  for (const number of unfinished) {
    await removeMediaCopy(control, number);
    await removeParts(instance, number);
  }
  return [...unfinished];
}

/** Ends at once what runs in the containers of a generation. */
export async function stopParts(
  { engine, name }: Pick<Instance, "engine" | "name">,
  generation: number,
): Promise<void> {
  const labels = { [label.instance]: name, [label.generation]: String(generation) };
  const containers = await listContainers(engine, labels);
  const running = containers.filter((container) => container.running);
  await Promise.all(running.map(async ({ id }) => await stopContainer(engine, id, 0)));
}

/** Containers, volumes and the folder for replication of one generation. */
export async function removeParts(instance: Instance, generation: number): Promise<void> {
  const { engine, name } = instance;
  const labels = { [label.instance]: name, [label.generation]: String(generation) };
  await removeContainers(engine, labels);
  // Any database of the instance that runs can reach the folder they share.
  const databases = await listContainers(engine, labelsOf(name, "database"));
  const running = databases.find((database) => database.running);
  if (running) {
    const folder = `${paths.replication}/g${generation}`;
    // One that leads to a machine runs as another user.
    await execute(engine, running.id, ["rm", "-rf", folder], { user: "postgres" });
  }
  // Last: they tell that there is something to remove.
  await removeVolumes(engine, labels);
}

/** Deletes images of releases that nothing kept was made from, generation or rehearsal; they can be built again. */
export async function removeUnusedImages(
  instance: Instance,
  kept: readonly { readonly image: string }[],
): Promise<string[]> {
  const used = new Set(kept.map(({ image }) => image));
  const images = await listImages(instance.engine, labelsOf(instance.name, "image"));
  const unused = images.flatMap(({ tags }) => tags).filter((tag) => !used.has(tag));
  const removed: string[] = [];
  for (const tag of unused) {
    const since = fromNow();
    // It asks about every container there is first, and one of another site that hangs keeps it waiting.
    const look = () => ({ kind: "engine", since }) as const;
    // A rehearsal that is kept runs on an image of no generation.
    const removal = removeUnusedImage(instance.engine, tag);
    if (await tellWaiting(instance.reporter, look, removal)) removed.push(tag);
  }
  return removed;
}
