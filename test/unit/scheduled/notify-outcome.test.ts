import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Instance } from "../../../src/instance/instance.ts";
import { notifyOutcome } from "../../../src/scheduled/notify-outcome.ts";
import type { ScheduledSwap } from "../../../src/scheduled/scheduled-swaps.ts";
import { catalogueOf } from "../../../src/text/catalogue.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "updater-report-"));
});
afterAll(async () => await rm(folder, { recursive: true }));

/** Tells a program of the site how a scheduled swap ended. */
async function tellProgram(script: string, limitMs: number): Promise<readonly string[]> {
  const program = join(folder, "report");
  await writeFile(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const configuration = { file: "updater.toml", scheduled: { report: program, mail: [] } };
  return await notifyOutcome(
    {
      instance: { name: "production", configuration } as unknown as Instance,
      swap: { tag: "0.8.1", at: "2026-11-22T21:30:00.000Z", state: "done" } as ScheduledSwap,
      text: "It is done.",
      catalogue: catalogueOf("en"),
    },
    limitMs,
  );
}

test("a report program that leaves a child holding its output keeps nobody waiting, and the child is gone", async () => {
  const pid = join(folder, "pid");

  const undelivered = await tellProgram(`sleep 300 & echo $! >${pid}`, 500);

  expect(undelivered).toEqual([expect.stringContaining("timed out")]);
  const child = (await readFile(pid, "utf8")).trim();
  // What was killed and has not been buried yet has no command line any more.
  const gone = async () => (await readFile(`/proc/${child}/cmdline`).catch(() => "")).length === 0;
  await vi.waitUntil(gone, { timeout: 2_000 });
}, 5_000);

test("a report program that is quick is told the outcome, and has nothing to complain of", async () => {
  const undelivered = await tellProgram('[ "$UPDATER_OUTCOME" = done ]', 5_000);

  expect(undelivered).toEqual([]);
});
