import { tags } from "../support/miniature.ts";
import type { Fault } from "./fault.ts";
import type { SmallEngine } from "./small-engine.ts";

const moments = [
  "build-image",
  "clone-database",
  "start-candidate",
  "start-gates",
  "close-gate",
  "fence",
  "promote",
  "migrate",
  "commit",
  "switch-static",
  "retire",
];

/** The disk of the engine itself: images, volumes, logs and what it notes of its containers. */
export const diskFaults: readonly Fault<SmallEngine>[] = moments.map((step) => ({
  name: `swap, the engine's disk is full from ${step} on`,
  class: "a full disk",
  async run({ stage, fill }) {
    await stage.reach(tags.first);
    let full: ReturnType<typeof fill> | undefined;
    const problems = await stage.underLoad(
      async () => {
        const { transcript } = await stage.site.operate(["swap", tags.additive], (event) => {
          if (event.type !== "step-started" || event.step !== step || full) return;
          full = fill();
          // It is awaited once the swap has ended.
          full.catch(() => undefined);
        });
        if (!full) throw new Error(`never came to ${step}: ${transcript}`);
        await (
          await full
        )();
        await stage.does("recover");
      },
      // Where the serving database has no room, nobody can write.
      { failing: true },
    );
    return [...problems, ...(await stage.goesOn())];
  },
}));
