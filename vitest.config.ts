import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { putBack } from "./test/model/mutations.ts";
import { Outcome } from "./test/support/outcome.ts";

/** What takes long first, so that no worker is left alone with it at the end. */
class EndToEndFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const kind = ({ moduleId }: TestSpecification) => {
      if (moduleId.includes("/test/e2e/")) return "end to end";
      return /\/integration\/(?!.*-browser)/.test(moduleId) ? "integration" : "without images";
    };
    const all = Map.groupBy(await super.sort(files), kind);
    const endToEnd = all.get("end to end") ?? [];
    // Where no run has been timed yet, the size of a file stands for it, and this one takes minutes in a few lines.
    const brief = endToEnd.findIndex(({ moduleId }) => moduleId.endsWith("/e2e/moving.test.ts"));
    if (brief > 2) endToEnd.splice(2, 0, ...endToEnd.splice(brief, 1));
    // On a new machine the first two build the images that all others wait for, but unit tests and those of pages.
    return [
      ...endToEnd.slice(0, 2),
      ...(all.get("without images") ?? []),
      ...endToEnd.slice(2),
      ...(all.get("integration") ?? []),
    ];
  }
}

const mutation = process.env["MODEL_MUTATION"];

export default defineConfig({
  test: {
    // Files wait for the engine half of their time: measured in docs/decisions/022-tests.md.
    maxWorkers: 3,
    reporters: ["default", new Outcome()],
    tags: [
      {
        name: "long",
        description:
          "`npm run test:long` plays it: it says more of what a shorter test of `npm test` is about.",
      },
    ],
    sequence: { sequencer: EndToEndFirst },
    // The slowest takes one minute here: a slow machine is no failure.
    testTimeout: 300_000,
    hookTimeout: 600_000,
    projects: [
      {
        extends: true,
        test: {
          name: "on an engine",
          include: ["test/{integration,e2e}/**/*.test.ts"],
          globalSetup: "test/support/global-setup.ts",
        },
      },
      {
        extends: true,
        // They touch nothing outside themselves: loading the sources again for each would take longer than the tests.
        test: { name: "unit", include: ["test/unit/**/*.test.ts"], isolate: false },
      },
      {
        extends: true,
        plugins: [putBack(mutation)],
        test: {
          name: "model",
          // What was changed must not be kept.
          fsModuleCache: mutation === undefined,
          include: ["test/model/**/*.test.ts"],
          setupFiles: "test/model/setup.ts",
        },
      },
    ],
  },
});
