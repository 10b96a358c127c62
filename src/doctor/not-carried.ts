import { isOutside, type NotCarried } from "../postgres/not-carried.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/** What copies of the database leave out, and what does not follow when another version serves. */
export function judgeCarried(
  found: NotCarried,
  where: { readonly container: string; readonly database: string },
): Finding[] {
  const { unlogged, prepared, extensions, collations, sortedOtherwise, keyless, outside } = found;
  const { container } = where;
  const some = (things: readonly unknown[], finding: Finding) =>
    things.length > 0 ? [finding] : [];
  const findings = [
    ...some(unlogged, problem("unloggedTables", { tables: unlogged, ...where })),
    ...some(prepared, problem("preparedTransactions", { transactions: prepared, container })),
    ...some(extensions, problem("extensionsMissing", { extensions, ...where })),
    ...some(
      sortedOtherwise ? [where.database] : collations,
      problem("collationsChanged", { collations, own: sortedOtherwise, ...where }),
    ),
    ...some(keyless, warning("keyless", { tables: keyless, ...where })),
    ...(isOutside(outside) ? [warning("followsNot", { ...outside, ...where })] : []),
  ];
  return findings.length > 0 ? findings : [ok("carried", {})];
}
