import { z } from "zod";
import { UpdaterError } from "../errors.ts";
import { json, keysAtFault } from "../lib/json.ts";

/**
 * What a file of an instance's control volume holds.
 * @throws UpdaterError of that code when this version has not written it, or not for this instance; `writtenByNewer`
 */
export function parseKept<Kept extends { readonly instance: string }>(
  schema: z.ZodType<Kept>,
  content: string,
  instance: string,
  code: "stateDamaged" | "journalDamaged" | "jobBookDamaged" | "scheduleDamaged",
): Kept {
  const { success, data, error } = json(schema).safeParse(content);
  if (!success) {
    const reason = keysAtFault(error);
    throw new UpdaterError(
      isNewer(content, error) ? "writtenByNewer" : code,
      { instance, reason },
      error,
    );
  }
  if (data.instance === instance) return data;
  const reason = `instance ${JSON.stringify(data.instance.slice(0, 100))}`;
  throw new UpdaterError(code, { instance, reason });
}

/** The version that this updater writes. */
const ownVersion = 1;
const later = json(z.looseObject({ version: z.int().gt(ownVersion) }));

/** Whether it says so itself, or nothing is wrong with it but keys that this version does not know. */
function isNewer(content: string, { issues }: z.ZodError): boolean {
  const unknown = issues.every((issue) => issue.code === "unrecognized_keys");
  return unknown || later.safeParse(content).success;
}
