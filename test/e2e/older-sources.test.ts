import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { JobKind } from "../../src/config/schema-maintenance.ts";
import { connectEngine } from "../../src/engine/connect.ts";
import { execute } from "../../src/engine/exec.ts";
import { label } from "../../src/engine/labels.ts";
import { backupsOf } from "../support/backups.ts";
import { docker } from "../support/docker.ts";
import { tags } from "../support/miniature.ts";
import {
  type OlderSources,
  olderSourcesAreThere,
  takeOlderSources,
} from "../support/older-sources.ts";
import { Scene } from "../support/scene.ts";
import { createSite } from "../support/site.ts";
import { changeRows, readRows, type Traces, traces, tracesOf } from "../support/traces.ts";
import type { Operation, Updater } from "../support/updater.ts";
import { expectEditions, expectExact, expectExit } from "./expectations.ts";

const instance = "e2e-older";
const root = join(import.meta.dirname, "../..");
const there = await olderSourcesAreThere();
const missing = "the older sources are not in the history of this clone";

let sources: OlderSources | undefined;
let scene: Scene;
/** Their updater. */
let older: Updater;
/** Their swap to 0.8.1, as the updater of today was told it. */
let attached: Operation;

/** Schedules are not due by the clock of this machine, but those that are named have been. */
const jobs = (...due: readonly JobKind[]) => {
  const schedule = (kind: JobKind) => (due.includes(kind) ? "* * * * *" : "0 0 1 1 *");
  return {
    jobs: `enabled = true
quarter_hourly = "${schedule("quarter_hourly")}"
hourly = "off"
daily = "off"
weekly = "${schedule("weekly")}"`,
  };
};

// They make a site in which 0.8.1 serves, and 0.8.0 is kept: each test is content with that, or with what those before it
// have left.
beforeAll(async () => {
  // Why tests of a file are skipped is not printed when all of them are.
  if (!there) return console.warn(missing);
  sources = await takeOlderSources();
  const site = await createSite(instance);
  scene = Scene.at(site);
  older = sources.updaterOf(site);
  await site.configure(jobs());
  await older.does("init", tags.first, "--from-dump", site.dump);
  await leaveRow(1, "before the backup");
  await older.does("backup");
  await older.does("jobs", "run", "quarter_hourly");
  await older.does("swap", tags.additive, "--detach");
  attached = await site.operate(["attach"]);
  // To its end, whatever became of that.
  await older.run("attach");
});
afterAll(async () => {
  await scene?.site.remove();
  await sources?.remove();
});
beforeEach(({ skip }) => {
  skip(!there, missing);
});

test("what they wrote is read, and nothing in it is unknown, damaged or left over", async () => {
  const { site } = scene;
  expect(await site.does("status")).toMatchObject({
    serving: 2,
    gateClosed: false,
    generations: [
      { number: 1, tag: tags.first, role: "previous", running: false },
      { number: 2, tag: tags.additive, role: "serving", running: true },
    ],
    operation: null,
    unfinished: null,
    settingsChanged: [],
    wayBack: { tag: tags.first, reason: null, following: { state: "working" } },
    jobs: { lives: true, failed: [], late: [] },
  });
  expect(await scene.history()).toMatchObject([
    { operation: "init", from: null, to: tags.first, outcome: "done" },
    { operation: "backup", from: tags.first, to: tags.first, outcome: "done" },
    { operation: "swap", from: tags.first, to: tags.additive, outcome: "done" },
  ]);
  const { versions } = await site.does<{ versions: { tag: string; serving: boolean }[] }>(
    "versions",
  );
  expect(versions.filter(({ serving }) => serving)).toMatchObject([{ tag: tags.additive }]);
  expect(await site.does("jobs")).toMatchObject({
    scheduler: true,
    running: null,
    runs: [{ kind: "quarter_hourly", generation: 1, tag: tags.first, outcome: "done" }],
  });
  expect(await site.does("backups")).toMatchObject({
    backups: [
      { kind: "dump", tag: tags.first, damaged: false },
      { kind: "json", tag: tags.first, damaged: false },
    ],
    others: [],
  });
  const { findings } = await site.does<{ findings: { check: string; level: string }[] }>("doctor");
  const ofSite = ["permissions", "serving", "remains", "names", "database", "backups"];
  const found = findings.filter(({ check }) => ofSite.includes(check));
  expect(new Set(found.map(({ check }) => check))).toEqual(new Set(ofSite));
  expect(found.filter(({ level }) => level !== "ok")).toEqual([]);
  expect(await traces(instance)).toEqual(
    withScheduler(
      tracesOf({
        serving: 2,
        others: [1],
        slots: { 1: 1, 2: 2 },
        images: [tags.first, tags.additive],
        following: 1,
      }),
    ),
  );
});

test("an operation that they have begun is followed to its end", async () => {
  expectExit(attached, 0);
  expect(attached.steps).toContain("retention");
  expect(attached.result).toMatchObject({
    type: "result",
    operation: "swap",
    to: tags.additive,
    outcome: "done",
  });
});

test("a version they have left is returned to with every write, can replace nothing in its slot, and is swapped for the newer one again", async () => {
  const { site } = scene;
  const { work } = await scene.underLoad(async (work) => {
    expectExit(await site.operate(["rollback"]), 0);
    await work.everybodySees(tags.first);
    const replace = ["sh", "-c", "cd /run/biomaid/slot-1 && touch there && mv static away"];
    const tried = await execute(await connectEngine(), `biomaid-${instance}-g1-app`, replace);
    expect(tried.stderr).toMatch(/^mv: .*Operation not permitted$/m);
    expectExit(await site.operate(["swap", tags.additive]), 0);
    await work.everybodySees(tags.additive);
  });

  await expectExact(scene, work, 3);
  expectEditions(work, [tags.additive, tags.first, tags.additive]);
  // Theirs would not understand all that was written since.
  expect(await schedulerRuns()).toContain(join(root, "src/scheduler/main.ts"));
  expect(await traces(instance)).toEqual(
    withScheduler(
      tracesOf({
        serving: 3,
        others: [1],
        slots: { 1: 1, 3: 2 },
        images: [tags.first, tags.additive],
        following: 1,
      }),
    ),
  );
});

test(
  "their swap that is killed while users wait is undone, and users notice nothing but the wait",
  { tags: "long" },
  async () => {
    const before = await scene.picture();
    const { work } = await scene.underLoad(async () => {
      await swapAndKill(tags.hangingMigration, "migrate");
      expect((await scene.status()).gateClosed).toBe(true);
      const recovered = await scene.site.operate(["recover"]);
      expectExit(recovered, 0);
      expect(recovered.result).toMatchObject({ to: tags.hangingMigration, outcome: "restored" });
    });

    await expectExact(scene, work, before.status.serving ?? 0);
    expect(await scene.picture()).toEqual(before);
    expect((await scene.history()).at(-1)).toMatchObject({
      operation: "swap",
      to: tags.hangingMigration,
      outcome: "restored",
    });
  },
);

test(
  "their swap that is killed after the switch is finished, and users notice but the new edition",
  { tags: "long" },
  async () => {
    const before = await scene.status();
    const { work } = await scene.underLoad(async (work) => {
      await swapAndKill(tags.codeOnly, "stop-gates");
      expectExit(await scene.site.operate(["recover"]), 0);
      await work.everybodySees(tags.codeOnly);
    });

    const { serving } = await scene.status();
    expect(serving).toBeGreaterThan(before.serving ?? 0);
    await expectExact(scene, work, serving ?? 0);
    expect((await scene.history()).at(-1)).toMatchObject({ to: tags.codeOnly, outcome: "done" });
    const { containers } = await traces(instance);
    expect(containers.filter((name) => /gate|control|job/.test(name))).toEqual([]);
  },
);

test("a backup that they have made is restored", { tags: "long" }, async () => {
  await leaveRow((await scene.status()).serving, "since the backup");
  const { backups } = await backupsOf(scene.site);
  const name = backups.find(({ kind }) => kind === "dump")?.name ?? "";
  expectExit(await scene.site.operate(["restore", name, "--accept-data-loss"]), 0);

  const { serving, generations } = await scene.status();
  expect(generations.find(({ role }) => role === "serving")?.tag).toBe(tags.first);
  const marks = "SELECT job FROM common_passage WHERE job LIKE '%the backup'";
  expect(await readRows(instance, serving ?? 0, marks)).toEqual([{ job: "before the backup" }]);
});

test("their scheduler that starts again where the sources have become those of today runs what was due", async () => {
  await older.does("jobs", "start");
  const scheduler = (await docker()).getContainer(`biomaid-${instance}-scheduler`);
  const { serving } = await scene.status();
  // Without it the job goes on.
  await leaveRow(serving, "fin du bilan");
  await scheduler.stop();
  await sources?.renew();
  await scene.site.configure(jobs("weekly"));
  await scheduler.start();

  expect(await runThatWasDue("weekly")).toMatchObject({ outcome: "done", generation: serving });
});

test("their scheduler is found and stopped; the one that takes its place runs what was due", async () => {
  const { site } = scene;
  expect(await schedulerRuns()).toContain(`${sources?.folder}/src/scheduler/main.ts`);
  expect(await site.does("jobs", "stop")).toMatchObject({ stopped: true });
  expect(await schedulerRuns()).toBeUndefined();
  await site.configure(jobs("quarter_hourly"));
  await site.does("jobs", "start");

  expect(await schedulerRuns()).toContain(join(root, "src/scheduler/main.ts"));
  const { serving } = await scene.status();
  const run = await runThatWasDue("quarter_hourly");
  expect(run).toMatchObject({ outcome: "done", generation: serving });
});

/** The first run of a schedule that nobody asked for: waits until it has ended. */
async function runThatWasDue(kind: JobKind): Promise<object> {
  const find = async () => {
    const { runs } = await scene.site.does<{ runs: { kind: JobKind; due: string | null }[] }>(
      "jobs",
    );
    const found = runs.find((run) => run.kind === kind && run.due !== null);
    return found ?? Promise.reject(new Error(`no ${kind} jobs have run`));
  };
  return await vi.waitFor(find, { timeout: 120_000, interval: 1_000 });
}

/** In a table of BiomAid's, in the database of a generation. */
async function leaveRow(generation: number | null, text: string): Promise<void> {
  await changeRows(instance, generation ?? 0, [
    `INSERT INTO common_passage (job, quand) VALUES ('${text}', now())`,
  ]);
}

/** Their swap, killed once it has begun a step. */
async function swapAndKill(tag: string, at: string): Promise<void> {
  const swap = await older.operate(["swap", tag, "--foreground"], ({ type, step }, _, kill) => {
    if (type === "step-started" && step === at) kill();
  });
  expect(swap.exitCode, swap.transcript).toBeUndefined();
  expect(swap.steps).toContain(at);
}

/** What the scheduler's container runs; undefined when there is none. */
async function schedulerRuns(): Promise<readonly string[] | undefined> {
  const filters = { label: [`${label.instance}=${instance}`, `${label.role}=scheduler`] };
  const engine = await docker();
  const [found] = await engine.listContainers({ all: true, filters });
  if (!found) return undefined;
  return (await engine.getContainer(found.Id).inspect()).Config.Entrypoint as string[];
}

const withScheduler = (found: Traces): Traces => ({
  ...found,
  containers: [...found.containers, "scheduler: running, unless-stopped"],
});
