import { setTimeout as delay } from "node:timers/promises";
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

/** Milliseconds for which it is full, and after which somebody makes room where a swap has not ended before. */
const fullFor = 10_000;
const roomAfter = 45_000;

/** The version left shares it: it goes on following once there is room again. */
const whileFollowing: Fault<SmallEngine> = {
  name: "the engine's disk is full while the version left follows",
  class: "a full disk",
  async run({ scene, fill }) {
    await scene.reach(tags.first);
    await scene.reach(tags.additive);
    const problems = await scene.problemsUnderLoad(
      async (work) => {
        const free = await fill();
        await delay(fullFor);
        await free();
        await scene.site.does("recover");
        await work.everythingIsAnswered();
        await scene.site.does("rollback");
        await work.everybodySees(tags.first);
      },
      { failing: true },
    );
    return [...problems, ...(await scene.goesOn())];
  },
};

/** The disk of the engine itself: images, volumes, logs and what it notes of its containers. */
export const diskFaults: readonly Fault<SmallEngine>[] = [
  whileFollowing,
  ...moments.map(duringSwap),
];

function duringSwap(step: string): Fault<SmallEngine> {
  return {
    name: `swap, the engine's disk is full from ${step} on`,
    class: "a full disk",
    async run({ scene, fill }) {
      await scene.reach(tags.first);
      let full: ReturnType<typeof fill> | undefined;
      const problems = await scene.problemsUnderLoad(
        async () => {
          const struck = Promise.withResolvers<void>();
          const swap = scene.site.operate(["swap", tags.additive], (event) => {
            if (event.type !== "step-started" || event.step !== step || full) return;
            full = fill();
            // It is awaited below.
            full.catch(() => undefined);
            struck.resolve();
          });
          const { transcript = "" } = (await Promise.race([swap, struck.promise])) ?? {};
          if (!full) throw new Error(`never came to ${step}: ${transcript}`);
          // An operator that finds no room tries again for 23 minutes: meanwhile somebody makes some.
          await Promise.race([swap, delay(roomAfter)]);
          await (
            await full
          )();
          await swap;
          await scene.site.does("recover");
        },
        // Where the serving database has no room, nobody can write.
        { failing: true },
      );
      return [...problems, ...(await scene.goesOn())];
    },
  };
}
