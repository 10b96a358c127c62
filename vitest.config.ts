import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { Slowest } from "./test/support/slowest.ts";

/** What takes long first, so that no worker is left alone with it at the end. */
class EndToEndFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isShort = ({ moduleId }: TestSpecification) => Number(!moduleId.includes("/test/e2e/"));
    return (await super.sort(files)).sort((one, other) => isShort(one) - isShort(other));
  }
}

export default defineConfig({
  test: {
    include: ["test/{unit,integration,e2e}/**/*.test.ts"],
    globalSetup: "test/support/global-setup.ts",
    // Each file has instances of its own, and waits for the engine half of its time: measured in docs/decisions/022-tests.md.
    maxWorkers: 3,
    reporters: ["default", new Slowest()],
    sequence: { sequencer: EndToEndFirst },
    // The slowest takes one minute here: a slow machine is no failure.
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});
