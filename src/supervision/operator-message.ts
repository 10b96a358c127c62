import { z } from "zod";
import { type ErrorCode, type ErrorParameters, UpdaterError } from "../errors.ts";
import { operationNames, rehearsed } from "../instance/state.ts";
import type { Event } from "../instance/events.ts";
import { catalogueOf, languages, type NoteCode, type StepName } from "../text/catalogue.ts";

const { steps, notes, errors } = catalogueOf("en");

/** One of the keys of a part of the catalogue. */
const keyOf = <Key extends string>(part: Readonly<Record<Key, unknown>>) =>
  z.custom<Key>((value) => typeof value === "string" && Object.hasOwn(part, value));

const step = keyOf<StepName>(steps);
const milliseconds = z.number();
const type = <Type extends Event["type"]>(name: Type) => ({ type: z.literal(name) });

/** An error that has crossed a process: its code and its facts. */
const error = z
  .object({ code: keyOf<ErrorCode>(errors), parameters: z.looseObject({}) })
  .transform(
    ({ code, parameters }) => new UpdaterError(code, parameters as ErrorParameters<ErrorCode>),
  )
  .refine(isReadable);

const plainEvent = z.discriminatedUnion("type", [
  z.object({
    ...type("operation-started"),
    operation: z.enum(operationNames),
    instance: z.string(),
    from: z.string().nullable(),
    to: z.string(),
  }),
  z.object({
    ...type("recovering"),
    operation: z.enum(operationNames),
    to: z.string(),
    since: z.iso.datetime(),
    committed: z.boolean(),
  }),
  z.object({ ...type("step-started"), step }),
  z.object({ ...type("step-finished"), step, milliseconds }),
  z.object({ ...type("step-failed"), step, milliseconds }),
  z.object({ ...type("step-undone"), step }),
  z.object({
    ...type("progress"),
    step,
    done: z.number(),
    total: z.number(),
    unit: z.literal("bytes"),
  }),
  z.object({ ...type("migration-started"), migration: z.string() }),
  z.object({ ...type("migration-finished"), migration: z.string(), milliseconds }),
  z.object({ ...type("hold-started") }),
  z.object({ ...type("hold-finished"), milliseconds }),
  z.object({
    ...type("output"),
    source: z.enum(["build", "application", "database", "hook", "snapshots", "supervision"]),
    line: z.string(),
  }),
  z.object({ ...type("note"), note: keyOf<NoteCode>(notes) }),
  z.object({
    ...type("attached"),
    operation: z.string(),
    holder: z.string(),
    since: z.iso.datetime(),
  }),
  z.object({ ...type("warning"), error }),
]);

const event = z.union([
  plainEvent,
  z.object({ ...type("rehearsed"), tag: z.string(), choice: z.string() }).and(rehearsed),
]) satisfies z.ZodType<Event>;

const message = z.discriminatedUnion("message", [
  /** It runs on the machine whose files the command line named. */
  z.object({ message: z.literal("begun") }),
  /** It does not: the engine is another machine's. */
  z.object({ message: z.literal("elsewhere") }),
  z.object({ message: z.literal("event"), event }),
  /** A result, for people and for `--json`. */
  z.object({ message: z.literal("printed"), text: z.string(), value: z.unknown() }),
  /** What the command was refused with. */
  z.object({ message: z.literal("refused"), error }),
  /** The engine starts it again: what it had begun is to be recovered. */
  z.object({ message: z.literal("starting-again") }),
  z.object({ message: z.literal("ended"), exitCode: z.int().min(0).max(255) }),
]);

/** What an operator says, a line of JSON each. */
export type Message = z.output<typeof message>;

/** The line for a message. */
export function lineOf(said: Message): string {
  return `${JSON.stringify(said, (_, value: unknown) =>
    value instanceof UpdaterError ? { code: value.code, parameters: value.parameters } : value,
  )}\n`;
}

/** What a line means; undefined for what an operator of this version does not say. */
export function messageIn(line: string): Message | undefined {
  try {
    return message.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** Whether an error's facts are those its texts need. */
function isReadable(told: UpdaterError): boolean {
  try {
    for (const language of languages) told.describe(catalogueOf(language));
    return true;
  } catch {
    return false;
  }
}
