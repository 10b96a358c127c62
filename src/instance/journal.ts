import { z } from "zod";
import { parseKept } from "./kept-file.ts";
import { operationNames } from "./state.ts";

const journal = z.strictObject({
  version: z.literal(1),
  instance: z.string(),
  /** Of the operation; the history knows it once the operation has ended. */
  id: z.string().regex(/^[\w-]{1,64}$/),
  operation: z.enum(operationNames).extract(["init", "adopt", "swap", "rollback", "restore"]),
  /** Tags: what served, and what is to serve. */
  from: z.string().nullable(),
  to: z.string(),
  startedAt: z.iso.datetime(),
  /** Generation users reach until the commit; none during an `init`. */
  serving: z.int().positive().nullable(),
  /** Generation they reach after it. */
  target: z.strictObject({ number: z.int().positive(), slot: z.int().positive() }),
  /** Names of the steps whose effects may be there, in order. */
  begun: z.array(z.string()),
  /** Of a rollback by which a release that failed its probation is left again: what led to it is not finished yet. */
  returnOf: z.enum(["swap", "restore"]).optional(),
  /** The site's configuration when it began, and where it was then: what is edited or goes away later changes nothing. */
  configuration: z.strictObject({ file: z.string(), text: z.string() }).optional(),
  /** How often its recovery has begun. */
  recoveries: z.int().positive().optional(),
  /** Names of the only steps that are left, once the target serves: nobody waits for them. */
  left: z.array(z.string()).optional(),
});

/** What an operation means to do, written before it does it: how recovery ends it. */
export type Journal = Readonly<z.infer<typeof journal>>;

/** As commands show it: the configuration has a file of its own. */
export type ShownJournal = Omit<Journal, "configuration">;

/**
 * The journal an instance's control volume holds.
 * @throws UpdaterError `journalDamaged` when it is not one this version wrote for this instance, `writtenByNewer`
 */
export function parseJournal(content: string, instance: string): Journal {
  return parseKept(journal, content, instance, "journalDamaged");
}
