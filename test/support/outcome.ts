import type { Reporter, TestModule } from "vitest/node";

const shown = 10;

/** Says at the end which tests took longest, where to begin when a run takes too long, and in one line what it came to. */
export class Outcome implements Reporter {
  onTestRunEnd(files: readonly TestModule[]): void {
    const tests = files.flatMap((file) =>
      [...file.children.allTests()].map((test) => ({
        name: `${file.relativeModuleId} > ${test.fullName}`,
        milliseconds: test.diagnostic()?.duration ?? 0,
        state: test.result().state,
      })),
    );
    if (tests.length > shown) {
      console.log(" The slowest tests");
      const slowest = tests.toSorted((one, other) => other.milliseconds - one.milliseconds);
      for (const { milliseconds, name } of slowest.slice(0, shown))
        console.log(`${(milliseconds / 1000).toFixed(1).padStart(8)} s  ${name}`);
    }
    const count = (state: string) => tests.filter((test) => test.state === state).length;
    console.log(
      `\n${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`,
    );
  }
}
