import { z } from "zod";
import { json } from "../lib/json.ts";
import { error, event } from "../instance/events.ts";

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

export function lineOf(said: Message): string {
  return `${JSON.stringify(said)}\n`;
}

/** What a line means; undefined for what an operator of this version does not say. */
export function messageIn(line: string): Message | undefined {
  return json(message).safeParse(line).data;
}
