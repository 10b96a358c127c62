import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./documents.ts";

/** Folders of tests of what is outside `src`. */
const others = ["docs", "scripts", "test-support"];

test("unit tests are in folders that src has as well, but for those of docs, scripts and test support", () => {
  const tests = globSync("**/*.test.ts", { cwd: join(root, "test/unit") });
  const astray = tests.filter((path) => {
    if (others.some((other) => path.startsWith(`${other}/`))) return false;
    // What is in no folder is about a module that is in none, as errors.ts.
    const there = dirname(path) === "." ? path.replace(".test.ts", ".ts") : dirname(path);
    return !existsSync(join(root, "src", there));
  });
  expect(astray).toEqual([]);
});
