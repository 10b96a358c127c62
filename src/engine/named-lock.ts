import { UpdaterError } from "../errors.ts";
import { clientOf, type Engine, isConflict } from "./connect.ts";
import { type ContainerSpec, optionsOf } from "./container-spec.ts";
import { type ContainerState, removeContainer, stateOf } from "./containers.ts";
import { label } from "./labels.ts";

/** A container that was created and not started after so long belongs to a process that died in between. */
const abandonedAfterMs = 10_000;

/**
 * Creates a container whose name is a lock: the engine gives a name only once.
 * @param replace whether a holder that is in the way is nothing but a remainder; asked once
 * @returns the id of what was created, or who has the name
 * @throws UpdaterError `foreignContainer` when the name belongs to a container that is not ours
 */
export async function takeName(
  engine: Engine,
  spec: ContainerSpec,
  {
    replace = isAbandoned,
  }: { readonly replace?: (holder: ContainerState) => boolean | Promise<boolean> } = {},
): Promise<{ readonly id: string } | { readonly holder: ContainerState }> {
  for (let replaced = false; ;) {
    try {
      const { id } = await clientOf(engine).createContainer(optionsOf(spec));
      return { id };
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
    const holder = await holderOfName(engine, spec.name, spec.labels[label.instance]);
    // It went while we looked: the next attempt decides.
    if (!holder) continue;
    if (replaced || !(await replace(holder))) return { holder };
    await removeContainer(engine, holder.id);
    replaced = true;
  }
}

/**
 * Who has a name; nothing when it is free.
 * @throws UpdaterError `foreignContainer`
 */
export async function holderOfName(
  engine: Engine,
  name: string,
  instance: string | undefined,
): Promise<ContainerState | undefined> {
  const holder = await stateOf(engine, name);
  if (holder && holder.labels[label.instance] !== instance) {
    throw new UpdaterError("foreignContainer", { container: name });
  }
  return holder;
}

/** Whether the process that created it has died before it was started, or before it was removed. */
export function isAbandoned({ phase, createdAt }: ContainerState): boolean {
  return phase !== "active" && Date.now() - Date.parse(createdAt) > abandonedAfterMs;
}
