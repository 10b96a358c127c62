import { z } from "zod";
import { UpdaterError } from "../errors.ts";
import { parseKept } from "./kept-file.ts";

const time = z.iso.datetime();

/** A folder of this machine, the last one on the way to it that root alone decides about, and who may read from there on. */
const machineFolder = z.strictObject({
  folder: z.string(),
  /** As the engine's machine calls it. */
  base: z.string(),
  /** From there to the folder. */
  rest: z.string(),
  uid: z.int().nonnegative(),
  gid: z.int().nonnegative(),
});

export type MachineFolder = Readonly<z.infer<typeof machineFolder>>;

/** A BiomAid that was installed by hand on this machine, and that the updater stands in front of. */
const bareMetal = z.strictObject({
  /** Folder of its sources. */
  sources: z.string(),
  /** Where its gunicorn binds, and whose that is. */
  socket: z.strictObject({
    folder: z.string(),
    name: z.string(),
    user: z.int().nonnegative(),
    group: z.int().nonnegative(),
  }),
  /** Where its PostgreSQL listens, and whose that is: its superuser's. */
  database: z.strictObject({
    folder: z.string(),
    port: z.int().positive(),
    user: z.int().positive(),
    group: z.int().nonnegative(),
  }),
  /** What its users sent, and its static files; an earlier version of the updater did not write that down. */
  media: machineFolder.optional(),
  /** What starts its gunicorn. */
  service: z.strictObject({ kind: z.enum(["systemd", "supervisor"]), name: z.string() }).optional(),
  static: machineFolder.optional(),
});

export type BareMetal = Readonly<z.infer<typeof bareMetal>>;

const generation = z.strictObject({
  number: z.int().positive(),
  tag: z.string(),
  commit: z.string(),
  /** Commit of the site's local settings, or of BiomAid's own tree when they come from there. */
  localCommit: z.string(),
  image: z.string(),
  databaseImage: z.string(),
  slot: z.int().positive(),
  createdAt: time,
  /** Generation that served before this one: where a rollback leads. */
  previous: z.int().positive().nullable(),
  /** Left by a rollback: kept to be looked at, never returned to. */
  abandoned: z.boolean(),
  /** It was installed by hand, and its containers only lead to it. */
  bareMetal: bareMetal.optional(),
});

/** What is written into the history; of these, recovery undoes or finishes those that move users. */
export const operationNames = [
  "init",
  "adopt",
  "swap",
  "rollback",
  "rehearse",
  "backup",
  "restore",
] as const;

export type OperationName = (typeof operationNames)[number];

const operation = z.strictObject({
  /** Also the name of its log. */
  id: z.string().regex(/^[\w-]{1,64}$/),
  operation: z.enum(operationNames),
  from: z.string().nullable(),
  to: z.string(),
  startedAt: time,
  finishedAt: time,
  outcome: z.enum(["done", "refused", "restored", "needs-human", "clean-up-pending"]),
  error: z.string().nullable(),
  /** Milliseconds users waited at most; null when the gate never closed. */
  hold: z.number().nullable(),
  /** Milliseconds each step took. */
  steps: z.record(z.string(), z.number()),
});

const rehearsal = z.strictObject({
  /** Also the id of its operation; its report is `rehearsals/ID.json`. */
  id: z.string(),
  tag: z.string(),
  commit: z.string(),
  localCommit: z.string(),
  /** Digest of the site's settings and secrets. An earlier version of the updater did not say. */
  settings: z.string().nullable().default(null),
  /** Generation that served, whose data was copied. */
  serving: z.int().positive(),
  image: z.string(),
  imageId: z.string(),
  /** Up to where of the serving database's log the copy went. */
  position: z.string(),
  finishedAt: time,
  verdict: z.enum(["ready", "remarks", "not-ready"]),
  /** Codes of the findings for which it is not ready. */
  blocking: z.array(z.string()),
  /** Tables of which a rollback would not keep everything. An earlier version of the updater did not say. */
  notLossless: z.array(z.string()).default([]),
  /** Milliseconds users are expected to wait; null when the release failed before that could be told. */
  hold: z.number().nullable(),
});

/** What is known beforehand of a release. */
export const rehearsed = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("none") }),
  z.object({
    kind: z.enum(["current", "stale"]),
    because: z.enum(["age", "image"]).nullable().describe("why it says little about today"),
    record: rehearsal.describe("of the rehearsal, as the state file has it"),
    written: z.number().describe("bytes production has written to its log since"),
  }),
]);

const state = z.strictObject({
  version: z.literal(1),
  instance: z.string(),
  proxyImage: z.string(),
  /** Numbers are never used twice. */
  nextGeneration: z.int().positive(),
  generations: z.array(generation),
  history: z.array(operation),
  /** The last one last. An earlier version of the updater wrote none. */
  rehearsals: z.array(rehearsal).default([]),
});

export type Generation = Readonly<z.infer<typeof generation>>;
export type OperationRecord = Readonly<z.infer<typeof operation>>;
export type RehearsalRecord = Readonly<z.infer<typeof rehearsal>>;
export type Rehearsed = Readonly<z.infer<typeof rehearsed>>;

export type State = z.infer<typeof state>;

/**
 * The state an instance's control volume holds.
 * @throws UpdaterError `stateDamaged` when it is not one this version wrote, `writtenByNewer`
 */
export function parseState(content: string, instance: string): State {
  return parseKept(state, content, instance, "stateDamaged");
}

export function emptyState(instance: string, proxyImage: string): State {
  return {
    version: 1,
    instance,
    proxyImage,
    nextGeneration: 1,
    generations: [],
    history: [],
    rehearsals: [],
  };
}

/** The generation of a number that the state must know. */
export function generationOf(state: State, number: number): Generation {
  const found = state.generations.find((generation) => generation.number === number);
  if (!found) {
    throw new UpdaterError("stateDamaged", {
      instance: state.instance,
      reason: `generation ${number} is missing`,
    });
  }
  return found;
}
