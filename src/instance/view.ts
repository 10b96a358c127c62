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
  /** Whom users reached until the gate closed: static files stay with it up to the commit. */
  readonly servedUntilNow: Generation | undefined;
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
    ["state.json", "serving", "static"],
  );
  const content = entries.get("state.json")?.content.toString("utf8");
  if (content === undefined) return undefined;
  const state = parseState(content, instance);
  const target = entries.get("serving")?.link;
  const gateClosed = target?.endsWith("gate") ?? false;
  return {
    state,
    serving: generationIn(state, target),
    gateClosed,
    servedUntilNow: gateClosed ? generationIn(state, entries.get("static")?.link) : undefined,
  };
}

/** Which generation a pointer's target means. */
function generationIn(state: State, target: string | undefined): Generation | undefined {
  const slot = /slot-(\d+)(\/static)?$/.exec(target ?? "")?.[1];
  return slot === undefined
    ? undefined
    : state.generations.find((generation) => generation.slot === Number(slot));
}
