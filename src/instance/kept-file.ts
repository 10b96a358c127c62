import type { z } from "zod";
import { UpdaterError } from "../errors.ts";
import { json, keysAtFault } from "../lib/json.ts";

/**
 * What a file of an instance's control volume holds.
 * @throws UpdaterError of that code when this version has not written it, or not for this instance
 */
export function parseKept<Kept extends { readonly instance: string }>(
  schema: z.ZodType<Kept>,
  content: string,
  instance: string,
  code: "stateDamaged" | "journalDamaged" | "jobBookDamaged" | "scheduleDamaged",
): Kept {
  const { success, data, error } = json(schema).safeParse(content);
  if (!success) throw new UpdaterError(code, { instance, reason: keysAtFault(error) }, error);
  if (data.instance === instance) return data;
  const reason = `instance ${JSON.stringify(data.instance.slice(0, 100))}`;
  throw new UpdaterError(code, { instance, reason });
}
