import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { beganAt } from "../../../src/adoption/processes.ts";

test("a process that is started after a file was written has begun after it, by hundredths of a second", async () => {
  const before = Date.now();
  const child = spawn("sleep", ["60"]);
  await once(child, "spawn");
  const after = Date.now();
  try {
    const began = await beganAt(child.pid ?? 0);

    // The kernel counts in hundredths of a second.
    expect(began).toBeGreaterThan(before - 30);
    expect(began).toBeLessThan(after + 30);
  } finally {
    child.kill();
  }
});
