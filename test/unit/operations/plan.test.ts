import { describe, expect, test } from "vitest";
import { hookPoints } from "../../../src/config/schema.ts";
import type { Instance } from "../../../src/instance/instance.ts";
import { plannedSteps } from "../../../src/operations/plan.ts";
import { catalogueOf, languages } from "../../../src/text/catalogue.ts";

describe.each(languages)("the steps of a plan in %s", (language) => {
  const texts = catalogueOf(language);
  const hooks = Object.fromEntries(hookPoints.map((point) => [point, { run: "/bin/true" }]));
  const configuration = {
    hooks,
    rollback: { snapshotMedia: true },
    backup: { beforeSwap: true },
    jobs: { enabled: true },
    messages: {
      swapBanner: "Back soon",
      mail: { groups: ["Experts"], send: ["before", "after"] },
      whatsNew: { enabled: true },
    },
  };
  const steps = plannedSteps({
    instance: { configuration } as unknown as Instance,
    release: { tag: "0.8.1" },
    serving: { tag: "0.8.0" },
  });

  test("have a text for every undo, which fits beside the step", () => {
    const width = Math.max(...steps.map(({ name }) => texts.steps[name].length));
    const undo = (name: (typeof steps)[number]["name"]) => texts.plan.undo[name];
    expect(steps.filter((step) => step.undo && undo(step.name) === undefined)).toEqual([]);
    for (const { name } of steps) {
      expect(9 + width + (undo(name) ?? texts.plan.noUndo).length).toBeLessThanOrEqual(80);
    }
  });

  test("have one commit, after everything users wait for", () => {
    const commit = steps.findIndex((step) => step.commit);
    expect(steps.filter((step) => step.commit)).toHaveLength(1);
    expect(steps.findLastIndex(({ held }) => held)).toBe(commit);
  });
});
