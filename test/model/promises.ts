import { expect, test } from "vitest";
import { explore } from "./explore.ts";
import type { Scenario } from "./history.ts";
import { type Command, siteAfter } from "./play.ts";

/** Of the pairs of faults, one of so many is played: all of them take long, and `npm run test:model` plays them. */
const every = Number(process.env["MODEL_EVERY"] ?? 4999);

/**
 * Explores a command.
 * @param on the site it is typed on: these commands were done there before
 * @param sick slot of a version that fails once users reach it
 */
export function keepsItsPromises(
  scenario: Omit<Scenario, "site"> & { readonly on: readonly Command[]; readonly sick?: number },
  { tags = [] }: { readonly tags?: string[] } = {},
): void {
  test(
    "it keeps every promise, whatever goes wrong, and whatever goes wrong after that",
    // All pairs take an hour and a half.
    { tags, timeout: 6 * 3_600_000 },
    async () => {
      const site = await siteAfter(...scenario.on);
      site.sick = scenario.sick ?? null;
      const began = process.hrtime.bigint();
      const { histories, broken } = await explore({ ...scenario, site }, every);
      const seconds = Number(process.hrtime.bigint() - began) / 1e9;
      console.log(`${histories} histories in ${seconds.toFixed(1)} s`);
      expect(broken.join("\n")).toBe("");
    },
  );
}
