import { clientOf, type Engine, unlessGone } from "./connect.ts";
import { filterBy, label, type Labels } from "./labels.ts";
import { UpdaterError } from "../errors.ts";

/**
 * Creates a volume, or finds the one an earlier try created.
 * @throws UpdaterError `foreignVolume` when one of that name exists and is not this instance's
 */
export async function ensureVolume(engine: Engine, name: string, labels: Labels): Promise<void> {
  // The engine answers "created" for a name that exists, whatever its labels: look first.
  const existing = await volumeLabels(engine, name);
  if (existing === undefined) {
    await clientOf(engine).createVolume({ Name: name, Labels: labels });
  } else if (existing[label.instance] !== labels[label.instance]) {
    throw new UpdaterError("foreignVolume", { volume: name });
  }
}

async function volumeLabels(engine: Engine, name: string): Promise<Labels | undefined> {
  const found = await unlessGone(clientOf(engine).getVolume(name).inspect());
  return found && (found.Labels ?? {});
}

export async function volumeExists(engine: Engine, name: string): Promise<boolean> {
  return (await volumeLabels(engine, name)) !== undefined;
}

/** Removes every volume that carries these labels, but those of these names. */
export async function removeVolumes(
  engine: Engine,
  labels: Labels,
  but: ReadonlySet<string> = new Set(),
): Promise<void> {
  for (const { name } of await listVolumes(engine, labels)) {
    if (but.has(name)) continue;
    await unlessGone(clientOf(engine).getVolume(name).remove());
  }
}

export async function listVolumes(
  engine: Engine,
  labels: Labels,
): Promise<{ name: string; labels: Labels }[]> {
  const { Volumes } = await clientOf(engine).listVolumes({ filters: filterBy(labels) });
  return (Volumes ?? []).map(({ Name, Labels }) => ({ name: Name, labels: Labels ?? {} }));
}
