import { isError } from "../../src/errors.ts";
import { type Command, commands, type Ending, run } from "./play.ts";
import { type Data, type Fault, useWorld, World } from "./world.ts";

/** A command on a site, and where it leads. */
export interface Scenario {
  readonly site: Data;
  readonly command: Command;
  /** Slots: whom users reach before it, and after it. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Leads back to a backup: what users wrote before the switch is given up. */
  readonly forgets?: true;
}

/** What a history came to. */
export interface Played {
  readonly faults: readonly Fault[];
  /** Promises that were broken, in words. */
  readonly broken: readonly string[];
  /** Effects there were, up to the end of the last recovery. */
  readonly trace: World["trace"];
  readonly endings: readonly Ending[];
}

/** How often somebody types the next command. */
const attempts = 3;

/** States of a site from which everything was tried, by what of it matters. */
const tried = new Map<string, readonly string[]>();

/** Plays a command with faults, then what a person would: the next command, which recovers first. */
export async function play(scenario: Scenario, faults: readonly Fault[]): Promise<Played> {
  const world = useWorld(new World(structuredClone(scenario.site), faults));
  const endings = [await run(world, scenario.command)];
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (isInOrder(endings.at(-1)) && !unfinished(world)) break;
    endings.push(await run(world, commands.recover));
  }
  if (scenario.forgets && world.slot() === scenario.to) forget(world.data, scenario.to);
  const broken = [...brokenPromises(scenario, world, endings)];
  if (broken.length === 0) broken.push(...(await whatComesNext(world.data)));
  return { faults, broken, trace: world.trace, endings };
}

/** Without a state there is no instance yet, and the next `init` makes it. */
const unfinished = ({ data: { files, containers, volumes } }: World) =>
  (files.has("control/journal.json") && files.has("control/state.json")) ||
  // A rehearsal, which is told to be tried again.
  [...[...containers.values()].map(({ labels }) => labels), ...volumes.values()].some(
    (labels) => Number(labels["biomaid-updater.generation"]) <= 0,
  );

/** The operator agreed to it. */
function forget({ acknowledged }: Data, slot: number | undefined): void {
  for (const [request, by] of acknowledged) if (by !== slot) acknowledged.delete(request);
}

/** Whether nothing is left for the next command, as far as was said. */
function isInOrder(ending: Ending | undefined): boolean {
  if (ending?.kind !== "result") return false;
  const kind = ending.result?.outcome.kind;
  return kind === undefined || kind === "done" || kind === "restored";
}

function* brokenPromises(
  { from, to }: Scenario,
  world: World,
  endings: readonly Ending[],
): Generator<string> {
  if (endings.some(({ kind }) => kind === "stuck")) yield "a command waits for ever";
  if (unfinished(world)) yield "no recovery ends it";
  yield* unserved(world);
  const slot = world.slot();
  if (slot !== from && slot !== to) yield "users reach what nobody asked for";
  yield* untruths(endings, tagOf(world));
  yield* leftovers(world);
}

/** What users find. */
function* unserved(world: World): Generator<string> {
  const { data } = world;
  if (!data.links.has("serving")) return;
  const slot = world.slot();
  if (slot === undefined) {
    yield "users are left at the gate";
    return;
  }
  world.tick();
  world.tick();
  if (data.failed.length > 0) yield `a request failed: ${data.failed[0]}`;
  const serving = world.accepts(slot);
  if (!serving) yield "nobody serves";
  else if ([...data.acknowledged.keys()].some((request) => !serving.rows.has(request))) {
    yield "an acknowledged write is lost";
  }
  if (data.links.get("static") !== `../slot-${slot}/static`) {
    yield "static files are those of another version";
  }
  if (!generationsOf(data).some((one) => one.slot === slot)) {
    yield "the state does not know who serves";
  }
}

/** What was said last is how it is. */
function* untruths(endings: readonly Ending[], serving: string | undefined): Generator<string> {
  const results = endings.flatMap((ending) => (ending.kind === "result" ? ending.result : []));
  const last = results.at(-1);
  if (!last || last.operation === "rehearse") return;
  const { kind } = last.outcome;
  if ((kind === "done" || kind === "clean-up-pending") && serving !== last.to) {
    yield `it said ${kind}, and another version serves`;
  }
  if (kind === "restored" && serving !== (last.from ?? undefined)) {
    yield "it said restored, and another version serves";
  }
}

function tagOf(world: World): string | undefined {
  const slot = world.slot();
  return generationsOf(world.data).find((one) => one.slot === slot)?.tag;
}

const role = "biomaid-updater.role";

/** What only lives as long as an operation. */
const transient = ["gate", "job-pause", "clone", "scratch", "snapshots"] as const;

function* leftovers(world: World): Generator<string> {
  const { data } = world;
  const roles = new Set([...data.containers.values()].map(({ labels }) => labels[role]));
  for (const gone of transient) if (roles.has(gone)) yield `a container is left: ${gone}`;
  const known = new Set(generationsOf(data).map(({ number }) => number));
  for (const [number, { slots }] of data.databases) {
    if (!known.has(number)) yield "a database is left that the state does not know";
    if (!world.databaseRuns(number)) continue;
    for (const slot of slots) {
      if (slot.startsWith("updater_clone")) yield "a log is kept for a clone that is gone";
    }
    if (slots.has("updater_follow")) yield* deadWayBack(data, number);
  }
  for (const number of data.replicationFolders) {
    if (!known.has(number)) yield "databases share a folder of one that the state does not know";
  }
  for (const number of data.mediaCopies) {
    if (!known.has(Number(number)))
      yield "media are kept for a generation that the state does not know";
  }
}

/** Where a log is kept for the version before, that follows. */
function* deadWayBack(data: Data, number: number): Generator<string> {
  const follower = [...data.databases.values()].find(({ follows }) => follows?.source === number);
  if (!follower) yield "a log is kept for a follower, and nobody follows";
  else if (!follower.follows?.enabled || !follower.follows.shaped) yield "the way back is dead";
  else if (follower.login) yield "the version before may write into what follows";
}

interface Known {
  readonly number: number;
  readonly tag: string;
  readonly slot: number;
  readonly previous: number | null;
}

function generationsOf({ files }: Data): readonly Known[] {
  const state = files.get("control/state.json");
  return state === undefined ? [] : (JSON.parse(state) as { generations: Known[] }).generations;
}

/** Commands that have to work on any site that was left in order. */
async function whatComesNext(site: Data): Promise<readonly string[]> {
  const key = gist(site);
  const before = tried.get(key);
  if (before) return before;
  const slot = Number(/slot-(\d+)/.exec(site.links.get("serving") ?? "")?.[1]);
  const serving = generationsOf(site).find((one) => one.slot === slot);
  const next = serving
    ? [commands.swap, ...(serving.previous ? [commands.rollback] : [])]
    : [commands.init];
  const broken: string[] = [];
  for (const command of next) broken.push(...(await tryNext(site, command)));
  tried.set(key, broken);
  return broken;
}

async function tryNext(site: Data, command: Command): Promise<string[]> {
  const world = useWorld(new World({ ...structuredClone(site), sick: null }, []));
  const ending = await run(world, command);
  // A version that could not follow is told of, and a rollback to it is refused.
  if (ending.kind === "threw" && isError(ending.error, "rollbackLosesData")) return [];
  const done = ending.kind === "result" && ending.result?.outcome.kind === "done";
  const broken = [...unserved(world), ...leftovers(world)];
  return [...(done ? [] : [`the next command ends with: ${endingText(ending)}`]), ...broken];
}

/** What of a site decides how the next command ends. */
function gist(site: Data): string {
  const state = JSON.parse(site.files.get("control/state.json") ?? "{}") as object;
  const things = {
    containers: [...site.containers.values()].map(({ name, state: is, restart }) => [
      name,
      is,
      restart,
    ]),
    volumes: [...site.volumes.keys()],
    networks: [...site.networks.keys()],
    databases: [...site.databases].map(
      ([number, { login, standbyOf, slots, published, follows }]) => [
        number,
        [login, standbyOf, [...slots], published !== null, follows],
      ],
    ),
    heldBack: [...site.heldBack],
    links: [...site.links],
    media: [...site.mediaCopies],
    files: [...site.files.keys()],
    generations: generationsOf(site),
    next: "nextGeneration" in state ? state.nextGeneration : null,
  };
  return JSON.stringify(things);
}

export function endingText(ending: Ending): string {
  if (ending.kind === "threw") return `threw ${String(ending.error).slice(0, 150)}`;
  if (ending.kind !== "result") return ending.kind;
  const outcome = ending.result?.outcome;
  if (!outcome) return "nothing to do";
  const error = outcome.kind === "done" ? "" : ` (${String(outcome.error).slice(0, 100)})`;
  return outcome.kind + error;
}
