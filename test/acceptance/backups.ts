import type { Operator } from "../support/operator.ts";
import type { Check } from "./report.ts";

/** Something that can be restored, and what it is. */
export interface Restorable {
  readonly kind: "dump" | "json" | "snapshot";
  readonly name: string;
}

/** What a swap has made of the release it left, the newest of each kind. */
export async function backupsOf(
  operator: Operator,
  tag: string,
): Promise<{ backups: readonly Restorable[]; checks: Check[] }> {
  const { backups, snapshots } = await operator.backups();
  const made = [
    ...backups.filter(({ damaged }) => !damaged),
    ...snapshots.map((snapshot) => ({ ...snapshot, kind: "snapshot" as const })),
  ].filter((one) => one.tag === tag);
  const newest = (["dump", "json", "snapshot"] as const).map((kind) => ({
    kind,
    found: made.find((one) => one.kind === kind),
  }));
  return {
    backups: newest.flatMap(({ kind, found }) => (found ? [{ kind, name: found.name }] : [])),
    checks: newest.map(({ kind, found }) => ({
      what: `swap: a ${kind} of ${tag} was made before it, and verified`,
      passed: found !== undefined,
      seen: found === undefined ? "none" : `${found.name}, ${found.bytes} bytes`,
    })),
  };
}
