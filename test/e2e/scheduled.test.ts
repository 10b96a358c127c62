import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { loadConfiguration } from "../../src/config/load.ts";
import { connectEngine } from "../../src/engine/connect.ts";
import { instanceOf } from "../../src/instance/instance.ts";
import { isPending, writeScheduled } from "../../src/instance/schedule-book.ts";
import { viewInstance } from "../../src/instance/view.ts";
import { tags } from "../support/miniature.ts";
import { historyOf, type Scene, setScene, statusOf } from "./scene.ts";

const instance = "e2e-scheduled";
let scene: Scene;
let report: string;

beforeAll(async () => {
  scene = await setScene(instance, tags.first);
  report = join(scene.site.folder, "report");
  await writeFile(report, `#!/bin/sh\necho "$UPDATER_TO $UPDATER_OUTCOME" >>"$0.said"\n`, {
    mode: 0o755,
  });
  await scene.site.configure({ scheduled: `report = "${report}"` });
});

afterAll(async () => {
  await scene?.site.remove();
});

/** As if its moment had come while the scheduler was away; it is started again. */
async function theMomentComes(): Promise<void> {
  const configuration = await loadConfiguration(join(scene.site.folder, "updater.toml"));
  const found = instanceOf(configuration, await connectEngine(), { event: () => undefined });
  const { state } = await viewInstance(found.engine, instance);
  const at = new Date().toISOString();
  await scene.site.updater("jobs", "stop");
  await writeScheduled(found, state.proxyImage, (swaps) =>
    swaps.map((swap) => (isPending(swap) ? { ...swap, at, rehearseAt: at } : swap)),
  );
  const { exitCode, all } = await scene.site.updater("jobs", "start");
  expect(exitCode, all).toBe(0);
}

const told = async () => await readFile(`${report}.said`, "utf8").catch(() => "");

const untilTold = async (words: string) => {
  await vi.waitFor(async () => expect(await told()).toContain(words), {
    timeout: 240_000,
    interval: 300,
  });
};

test("a swap waits for its moment, is listed, and can be cancelled; one at a time", async () => {
  const { site } = scene;
  // There is nothing to do for one yet.
  expect((await site.updater("jobs", "start")).exitCode).toBe(1);
  const asked = await site.updater("swap", tags.additive, "--at", "2099-12-01 22:30");
  const again = await site.updater("swap", tags.additive, "--at", "22:30");
  const never = await site.updater("swap", tags.additive, "--at", "25:30");
  const unknown = await site.updater("swap", "0.8.99", "--at", "22:30");
  const listed = await site.updater("scheduled");

  expect(asked.exitCode, asked.all).toBe(0);
  expect([again.exitCode, again.all]).toEqual([1, expect.stringContaining("scheduled already")]);
  expect(never.exitCode).toBe(2);
  expect(unknown.exitCode).toBe(1);
  expect(listed.stdout).toMatch(/^1 Dec 2099.* swap 0\.8\.1 {2}waiting for its rehearsal/);
  expect((await site.updater("status")).stdout).toContain("Scheduled: swap 0.8.1, 1 Dec 2099");
  expect((await site.updater("scheduled", "cancel")).exitCode).toBe(0);
  expect((await site.updater("scheduled")).stdout).toContain("0.8.1  cancelled");
  expect((await site.updater("scheduled", "cancel")).exitCode).toBe(1);
});

test("one whose rehearsal finds it not ready is cancelled, and the site is told", async () => {
  await scene.site.updater("swap", tags.losesRows, "--at", "2099-12-01 22:30");
  await theMomentComes();
  await untilTold(`${tags.losesRows} not-ready`);

  expect((await scene.site.updater("scheduled")).stdout).toContain("found it not ready");
  expect(await statusOf(scene)).toMatchObject({ serving: 1 });
}, 300_000);

test("at its moment it is rehearsed, then done by the scheduler alone; the site is told", async () => {
  await scene.site.updater("swap", tags.additive, "--at", "2099-12-01 22:30");
  await theMomentComes();
  await untilTold(`${tags.additive} done`);

  expect((await historyOf(scene)).slice(-2)).toMatchObject([
    { operation: "rehearse", to: tags.additive },
    { operation: "swap", to: tags.additive, outcome: "done" },
  ]);
  expect((await scene.site.updater("scheduled")).stdout).toContain("0.8.1  done");
}, 300_000);
