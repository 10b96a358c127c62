import { listContainers } from "../engine/containers.ts";
import type { Engine } from "../engine/connect.ts";
import { readVolume } from "../engine/files.ts";
import { labelsOf } from "../engine/labels.ts";
import { UpdaterError } from "../errors.ts";
import { namesOf } from "./names.ts";
import { type Generation, parseState, type State } from "./state.ts";

/** What an instance looks like from outside, without taking its lock. */
export interface View {
  readonly state: State;
  /** The generation users reach; none while the gate is closed or nothing was ever started. */
  readonly serving: Generation | undefined;
  readonly gateClosed: boolean;
}

/**
 * Reads the state and the pointer of an instance from its control volume.
 * @throws UpdaterError `noInstance` when `init` never ran
 */
export async function viewInstance(engine: Engine, instance: string): Promise<View> {
  const view = await findInstance(engine, instance);
  if (!view) throw new UpdaterError("noInstance", { instance });
  return view;
}

/** As `viewInstance`; undefined when there is no such instance. */
export async function findInstance(engine: Engine, instance: string): Promise<View | undefined> {
  const [proxy] = await listContainers(engine, labelsOf(instance, "proxy"));
  if (!proxy) return undefined;
  const entries = await readVolume(
    engine,
    {
      image: proxy.image,
      volume: namesOf(instance).control,
      labels: labelsOf(instance, "scratch"),
    },
    ["state.json", "serving"],
  );
  const content = entries.get("state.json")?.content.toString("utf8");
  if (content === undefined) return undefined;
  const state = parseState(content, instance);
  return { state, ...servingOf(state, entries.get("serving")?.link) };
}

/** Which generation a pointer's target means. */
function servingOf(
  state: State,
  target: string | undefined,
): { serving: Generation | undefined; gateClosed: boolean } {
  const slot = /slot-(\d+)$/.exec(target ?? "")?.[1];
  const serving = state.generations.find(
    (generation) => slot !== undefined && generation.slot === Number(slot),
  );
  return { serving, gateClosed: target?.endsWith("gate") ?? false };
}
