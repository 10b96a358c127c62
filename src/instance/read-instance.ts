import { listContainers } from "../engine/containers.ts";
import type { Engine } from "../engine/connect.ts";
import { type Entry, readFiles, readVolume } from "../engine/files.ts";
import { listImages } from "../engine/images.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { listVolumes } from "../engine/volumes.ts";
import { UpdaterError } from "../errors.ts";
import { namesOf, paths } from "./names.ts";
import { type Journal, parseJournal } from "./journal.ts";
import { type Generation, parseState, type State } from "./state.ts";

/** What an instance looks like from outside, without taking its lock. */
export interface InstanceView {
  readonly state: State;
  /** The generation users reach; none while the gate is closed or nothing was ever started. */
  readonly serving: Generation | undefined;
  readonly gateClosed: boolean;
  /** Whom users reached until the gate closed: static files stay with it up to the commit. */
  readonly servedUntilNow: Generation | undefined;
  /** The slot users' requests go to; none while the gate is closed or nothing was ever started. */
  readonly slot: number | undefined;
  /** What an operation has begun and not ended: it runs, or its updater is dead. */
  readonly journal: Journal | undefined;
  /** What one that has switched could not do. It bars nothing, and the next command tries again. */
  readonly toTidy: Journal | undefined;
}

/**
 * Reads the state and the pointer of an instance from its control volume.
 * @throws UpdaterError `noInstance` when `init` never ran
 */
export async function readInstance(engine: Engine, instance: string): Promise<InstanceView> {
  const view = await findInstance(engine, instance);
  if (!view) throw new UpdaterError("noInstance", { instance });
  return view;
}

/** As `readInstance`; undefined when there is no such instance. */
export async function findInstance(
  engine: Engine,
  instance: string,
): Promise<InstanceView | undefined> {
  const entries = await readControl(engine, instance, ["state.json", "journal.json", "serving"]);
  const content = entries.get("state.json")?.content.toString("utf8");
  if (content === undefined) return undefined;
  const state = parseState(content, instance);
  const written = entries.get("journal.json")?.content.toString("utf8");
  const journal = written === undefined ? undefined : parseJournal(written, instance);
  const target = entries.get("serving")?.link;
  const gateClosed = target?.endsWith("gate") ?? false;
  // Each file costs the engine an archive: this one is asked for when it tells something.
  const files = gateClosed ? await readControl(engine, instance, ["static"]) : undefined;
  return {
    state,
    serving: generationIn(state, target),
    slot: slotIn(target),
    ...(journal?.left ? { journal: undefined, toTidy: journal } : { journal, toTidy: undefined }),
    gateClosed,
    servedUntilNow: generationIn(state, files?.get("static")?.link),
  };
}

/**
 * Reads files and links of an instance's control volume, through the container that is first to come and last to
 * go: one made for the purpose would be left behind by a command that is killed meanwhile. A killed `init` or a
 * person may have left the volume without it.
 */
export async function readControl(
  engine: Engine,
  instance: string,
  names: readonly string[],
): Promise<Map<string, Entry>> {
  const [proxy] = await listContainers(engine, labelsOf(instance, "proxy"));
  if (proxy) return await readFiles(engine, proxy.id, paths.control, names);
  const volumes = await listVolumes(engine, labelsOf(instance, "control"));
  const images = await listImages(engine, { [label.program]: "proxy" });
  const [image] = images.flatMap(({ tags }) => tags);
  if (volumes.length === 0 || image === undefined) return new Map();
  const volume = namesOf(instance).control;
  return await readVolume(engine, { image, volume, labels: labelsOf(instance, "scratch") }, names);
}

/** The same of one file, as text. */
export async function readControlFile(
  engine: Engine,
  instance: string,
  file: string,
): Promise<string | undefined> {
  return (await readControl(engine, instance, [file])).get(file)?.content.toString("utf8");
}

/** Which generation a pointer's target means. */
function generationIn(state: State, target: string | undefined): Generation | undefined {
  const slot = slotIn(target);
  return state.generations.find((generation) => generation.slot === slot);
}

function slotIn(target: string | undefined): number | undefined {
  const slot = /slot-(\d+)(\/static)?$/.exec(target ?? "")?.[1];
  return slot === undefined ? undefined : Number(slot);
}
