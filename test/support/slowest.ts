import type { Reporter, TestModule } from "vitest/node";

const shown = 10;

/** Says at the end which tests took longest: that is where to begin when a run takes too long. */
export class Slowest implements Reporter {
  onTestRunEnd(files: readonly TestModule[]): void {
    const tests = files
      .flatMap((file) => [...file.children.allTests()].map((test) => ({ file, test })))
      .map(({ file, test }) => ({
        milliseconds: test.diagnostic()?.duration ?? 0,
        name: `${file.relativeModuleId} > ${test.fullName}`,
      }))
      .filter(({ milliseconds }) => milliseconds > 0);
    if (tests.length <= shown) return;
    console.log("\n The slowest tests");
    const slowest = tests.toSorted((one, other) => other.milliseconds - one.milliseconds);
    for (const { milliseconds, name } of slowest.slice(0, shown))
      console.log(`${(milliseconds / 1000).toFixed(1).padStart(8)} s  ${name}`);
  }
}
