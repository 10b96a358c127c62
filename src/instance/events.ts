import { z } from "zod";
import { type ErrorCode, type ErrorParameters, UpdaterError } from "../errors.ts";
import { operationNames, rehearsed } from "./state.ts";
import {
  type Wait,
  catalogueOf,
  languages,
  type NoteCode,
  type StepName,
} from "../text/catalogue.ts";

const { steps, notes, errors } = catalogueOf("en");

/** One of the keys of a part of the catalogue. */
const keyOf = <Key extends string>(part: Readonly<Record<Key, unknown>>) =>
  z.enum(Object.keys(part) as [Key, ...Key[]]);

const step = keyOf<StepName>(steps);
const milliseconds = z.number();
const operation = z.enum(operationNames);
const to = z.string().describe("the tag it leads to");
const since = z.iso.datetime().describe("when it began");
const type = <Name extends string>(name: Name) => ({ type: z.literal(name) });

const container = z.string();
const repository = z.string();
const awaitedSince = z.iso.datetime().describe("since when");
const awaited = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("session"),
    since: awaitedSince,
    container,
    pid: z.number(),
    who: z.string(),
    statement: z.string(),
  }),
  z.object({ kind: z.literal("requests"), since: awaitedSince, count: z.number() }),
  z.object({
    kind: z.literal("log"),
    since: awaitedSince,
    container,
    bytes: z.number().nullable(),
  }),
  z.object({ kind: z.enum(["database", "stop"]), since: awaitedSince, container }),
  z.object({
    kind: z.literal("pages"),
    since: awaitedSince,
    tag: z.string(),
    pages: z.array(z.string()).readonly(),
  }),
  z.object({
    kind: z.literal("operation"),
    since: awaitedSince,
    operation: z.string(),
    holder: z.string(),
  }),
  z.object({ kind: z.literal("fetch"), since: awaitedSince, repository, lock: z.string() }),
  z.object({ kind: z.literal("repository"), since: awaitedSince, repository }),
  z.object({ kind: z.literal("snapshots"), since: awaitedSince, repository, host: z.string() }),
  z.object({ kind: z.literal("engine"), since: awaitedSince }),
  z.object({
    kind: z.literal("own-backup"),
    since: awaitedSince,
    bytes: z.number().describe("that are written"),
    lastMs: z.number().nullable().describe("milliseconds that the last one took"),
  }),
  z.object({
    kind: z.literal("processors"),
    since: awaitedSince,
    stretch: z.number(),
    expectedMs: z.number(),
    limitMs: z.number(),
  }),
]) satisfies z.ZodType<Wait>;

/** An error that has crossed a process: its code and its facts. */
export const error = z
  .object({
    code: keyOf<ErrorCode>(errors),
    parameters: z.looseObject({}).describe("its facts"),
    cause: z
      .object({ code: keyOf<ErrorCode>(errors), parameters: z.looseObject({}) })
      .optional()
      .describe("another error, which is the reason that it names"),
  })
  .transform(
    ({ code, parameters, cause }) =>
      new UpdaterError(
        code,
        parameters as ErrorParameters<ErrorCode>,
        cause && new UpdaterError(cause.code, cause.parameters as ErrorParameters<ErrorCode>),
      ),
  )
  .refine(isReadable);

/**
 * What an operation tells while it runs: the one source of the type, of what an operator's messages may hold, and of
 * docs/json.md. Every reporter (terminal, plain, JSON) shows these same events.
 */
export const event = z.union([
  z
    .object({
      ...type("operation-started"),
      operation,
      instance: z.string(),
      from: z
        .string()
        .nullable()
        .describe("the tag that serves; null for `init` and `adopt --stand-in`"),
      to,
      machine: z
        .string()
        .optional()
        .describe(
          "the folder of an installation by hand that is moved in, or that users go back to",
        ),
    })
    .describe("Nothing was found that speaks against it: its steps begin."),
  z
    .object({
      ...type("recovering"),
      operation,
      to,
      since,
      committed: z.boolean().describe("true: it is finished; false: it is undone"),
    })
    .describe(
      "An operation whose updater died is undone, or finished if users were switched already.",
    ),
  z.object({ ...type("step-started"), step }),
  z.object({ ...type("step-finished"), step, milliseconds }),
  z.object({ ...type("step-failed"), step, milliseconds }),
  z
    .object({ ...type("step-undone"), step })
    .describe("What a step had done, or begun to do, is taken back."),
  z.object({
    ...type("progress"),
    step,
    done: z.number(),
    total: z.number(),
    unit: z.enum(["bytes", "requests"]).describe("requests: those held that are answered"),
  }),
  z.object({ ...type("migration-started"), migration: z.string() }),
  z.object({ ...type("migration-finished"), migration: z.string(), milliseconds }),
  z.object({ ...type("hold-started") }).describe("The gate is closed: users wait."),
  z
    .object({ ...type("hold-finished"), milliseconds })
    .describe("The gate is open again, after so long."),
  z
    .object({
      ...type("output"),
      source: z.enum(["build", "application", "database", "hook", "snapshots", "supervision"]),
      line: z.string(),
    })
    .describe("A line that a program has printed."),
  z
    .object({ ...type("note"), note: keyOf<NoteCode>(notes) })
    .describe("Something went another way than usual, and is worth knowing."),
  z
    .object({
      ...type("waiting"),
      for: awaited.describe("what for, by its `kind`, and since when"),
    })
    .describe("It has waited for two seconds: for what. Again when it is for something else."),
  z.object({ ...type("waited"), milliseconds }).describe("What was waited for is over."),
  z
    .object({
      ...type("attached"),
      operation: z.string().describe("as it was typed"),
      holder: z.string().describe("who began it"),
      since,
    })
    .describe("What follows was told by an operation that goes on already, from its beginning."),
  z
    .object({
      ...type("rehearsed"),
      tag: z.string(),
      choice: z.string().describe("as it was typed"),
    })
    .and(rehearsed)
    .describe("What a swap knows of its release from a rehearsal."),
  z
    .object({ ...type("warning"), error })
    .describe("Something is wrong that does not stop the operation."),
]);

export type Event = z.output<typeof event>;

/** Whether an error's facts are those its texts need. */
function isReadable(told: UpdaterError): boolean {
  try {
    for (const language of languages) told.describe(catalogueOf(language));
    return true;
  } catch {
    return false;
  }
}

/** Reports a piece of work outside an operation's list of steps as one of them. */
export async function reportStep<Result>(
  reporter: Reporter,
  step: StepName,
  work: () => Promise<Result>,
): Promise<Result> {
  const startedAt = performance.now();
  reporter.event({ type: "step-started", step });
  try {
    const result = await work();
    const milliseconds = performance.now() - startedAt;
    reporter.event({ type: "step-finished", step, milliseconds });
    return result;
  } catch (error) {
    const milliseconds = performance.now() - startedAt;
    reporter.event({ type: "step-failed", step, milliseconds });
    throw error;
  }
}

/** Shows or records events; never throws, never blocks the operation. */
export interface Reporter {
  event(event: Event): void;
}
