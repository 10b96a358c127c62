import { tags } from "../support/miniature.ts";
import type { Fault } from "./fault.ts";
import { beforeSwitch } from "./kills.ts";
import { difference } from "./stage.ts";

// The last one is over in no time; interrupted.test.ts holds it up.
const steps = beforeSwitch.filter((step) => step !== "publish-changes");

/** Ctrl-C at each step of a swap that can be undone. */
export const interruptions: readonly Fault[] = steps.map((step) => ({
  name: `swap, Ctrl-C at ${step}`,
  class: "Ctrl-C",
  async run(stage) {
    await stage.reach(tags.first);
    const before = await stage.picture();
    const problems = await stage.underLoad(async () => {
      const { exitCode, transcript } = await stage.site.operate(
        ["swap", tags.additive],
        (event, ctrlC) => {
          if (event.type === "step-started" && event.step === step) ctrlC();
        },
      );
      if (exitCode !== 3) throw new Error(transcript);
    });
    return [...problems, ...difference(before, await stage.picture()), ...(await stage.goesOn())];
  },
}));
