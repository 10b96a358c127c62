import type { Backup } from "../../src/instance/backups.ts";
import type { AcceptanceSite } from "./site.ts";
import type { Check } from "./report.ts";

/** The backups that a swap has made of the release it left, the newest of each kind. */
export async function backupsOf(
  { operator }: Pick<AcceptanceSite, "operator">,
  tag: string,
): Promise<{ backups: readonly Backup[]; checks: Check[] }> {
  const all = await operator.backups();
  const newest = (["dump", "json"] as const).map((kind) => ({
    kind,
    backup: all.find((one) => one.kind === kind && one.tag === tag && !one.damaged),
  }));
  return {
    backups: newest.flatMap(({ backup }) => backup ?? []),
    checks: newest.map(({ kind, backup }) => ({
      what: `swap: a ${kind} of ${tag} was made before it, and restored elsewhere`,
      passed: backup !== undefined,
      seen: backup === undefined ? "none" : `${backup.name}, ${backup.bytes} bytes`,
    })),
  };
}
