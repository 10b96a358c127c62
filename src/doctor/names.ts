import { findNameConflicts, nameConflictError } from "../instance/name-conflicts.ts";
import type { Instance } from "../instance/instance.ts";
import { rehearsalNumber } from "../instance/names.ts";
import { type Finding, ok, refusal } from "./finding.ts";

/** No object of others has a name that the next generation, or a rehearsal, needs. */
export async function checkNames(instance: Instance, next: number): Promise<Finding[]> {
  const found = [
    ...(await findNameConflicts(instance, next)),
    ...(await findNameConflicts(instance, rehearsalNumber)),
  ];
  const byName = new Map(found.map((object) => [`${object.kind} ${object.name}`, object]));
  if (byName.size === 0) return [ok("names", {})];
  return [...byName.values()].map((object) => refusal(nameConflictError(object), "foreign"));
}
