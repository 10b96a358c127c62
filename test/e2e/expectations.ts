import { expect } from "vitest";
import type { LedgerReport } from "../support/ledger.ts";
import type { Scene } from "../support/scene.ts";
import { heldBy } from "../support/traces.ts";
import type { Operation } from "../support/updater.ts";
import type { Work } from "../support/users.ts";

/** Every write that was acknowledged is in the database of the generation once, as it was sent, and no other. */
export async function expectExact(
  { site }: Scene,
  { ledger }: Work,
  generation: number,
): Promise<void> {
  const report = await ledger.verify(heldBy(site.instance, generation));
  expect(report.acknowledged).toBeGreaterThan(0);
  expect(report).toMatchObject({
    unacknowledged: 0,
    missing: [],
    duplicated: [],
    altered: [],
    unknown: [],
  } satisfies Partial<LedgerReport>);
}

/** Everybody's pages were of these editions in this order; somebody may have come late. */
export function expectEditions({ editions }: Work, order: readonly string[]): void {
  expect(editions.size).toBeGreaterThan(0);
  for (const seen of editions.values()) expect(order.slice(-seen.length)).toEqual(seen);
}

export function expectExit(operation: Operation, exitCode: number): void {
  expect(operation.exitCode, operation.transcript).toBe(exitCode);
}

/** The code and the words of the error an operation ended with. */
export function errorOf({ result }: Operation): { code: string; what: string; next: string } {
  return result["error"] as ReturnType<typeof errorOf>;
}
