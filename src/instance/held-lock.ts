import type { Engine } from "../engine/connect.ts";
import type { ContainerSpec } from "../engine/container-spec.ts";
import { type ContainerState, removeContainer } from "../engine/containers.ts";
import { hasEnded, ownLife } from "../engine/holder-life.ts";
import { label, type Labels } from "../engine/labels.ts";
import { isAbandoned, takeName } from "../engine/named-lock.ts";

/** Ids of the locks that this process holds. */
const held = new Set<string>();

/** A lock that this process has taken. */
export interface Held {
  /** Of the container that is the lock: created, and not started yet. */
  readonly id: string;
  readonly giveBack: () => Promise<void>;
}

/**
 * Creates a container that is a lock by its name, and lives as long as the connection to it. An engine that is restarted while
 * containers live on keeps it when its holder has ended: then it makes room.
 * @param spec with labels that tell of its holder
 */
export async function takeLock(
  engine: Engine,
  spec: ContainerSpec,
): Promise<Held | { readonly holder: ContainerState }> {
  const { UPDATER_OPERATOR: operator, UPDATER_SCHEDULER: scheduler } = process.env;
  const life = await ownLife(engine, operator ?? scheduler);
  const labels: Labels = { ...spec.labels, [label.life]: life };
  // One of this very process, which an engine that was away would not remove, is in nobody's way. A hook's commands run in the
  // same container as it does.
  const isLeft = (holder: ContainerState) =>
    [label.life, label.holder].every((one) => holder.labels[one] === labels[one]) &&
    !held.has(holder.id);
  const taken = await takeName(
    engine,
    { ...spec, labels },
    {
      replace: async (holder) =>
        isAbandoned(holder) || isLeft(holder) || (await isDeserted(engine, holder)),
    },
  );
  if ("holder" in taken) return taken;
  const { id } = taken;
  held.add(id);
  const giveBack = async () => {
    held.delete(id);
    // By its id: another one may have the name by now.
    await removeContainer(engine, id);
  };
  return { id, giveBack };
}

/** Whether the process that took a lock is dead, and the engine has not noticed. */
export async function isDeserted(engine: Engine, { labels }: ContainerState): Promise<boolean> {
  return await hasEnded(engine, labels[label.life]);
}
