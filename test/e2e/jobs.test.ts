import { docker } from "../support/docker.ts";
import { join } from "node:path";
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { loadConfiguration } from "../../src/config/load.ts";
import type { JobKind } from "../../src/config/schema-maintenance.ts";
import { connectEngine } from "../../src/engine/connect.ts";
import { instanceOf } from "../../src/instance/instance.ts";
import { writeJobs } from "../../src/jobs/job-history.ts";
import { readInstance } from "../../src/instance/read-instance.ts";
import { tags } from "../support/miniature.ts";
import { Scene } from "../support/scene.ts";
import type { Site } from "../support/site.ts";
import { changeRows, readRows } from "../support/traces.ts";
import { errorOf, expectExit } from "./expectations.ts";

const instance = "e2e-jobs";
let scene: Scene;
let site: Site;

/** So that nothing is due by the clock of this machine. */
const once = "0 0 1 1 *";
const table = (wait = "2m") => ({
  jobs: `enabled = true
quarter_hourly = "${once}"
hourly = "off"
daily = "${once}"
weekly = "${once}"
wait = "${wait}"`,
});

beforeAll(async () => {
  scene = await Scene.init(instance, { tables: table() });
  ({ site } = scene);
});

afterAll(async () => {
  await site?.remove();
});

interface Jobs {
  readonly scheduler: boolean;
  readonly running: object | null;
  readonly runs: readonly {
    readonly id: string;
    readonly kind: JobKind;
    readonly due: string | null;
    readonly outcome: string;
    readonly generation: number;
    readonly tag: string;
    readonly jobs: readonly { name: string; error: string | null }[];
  }[];
}

async function jobs(): Promise<Jobs> {
  const { stdout, exitCode, all } = await site.run("--json", "jobs");
  expect(exitCode, all).toBe(0);
  return JSON.parse(stdout) as Jobs;
}

async function serving(): Promise<number | undefined> {
  return (await readInstance(await connectEngine(), instance)).serving?.number;
}

/** How often a job has left this word in the database of the serving generation. */
async function traces(word: string): Promise<number> {
  const query = `SELECT job FROM common_passage WHERE job = '${word}'`;
  return (await readRows(instance, (await serving()) ?? 0, query)).length;
}

const change = async (statement: string) => {
  await changeRows(instance, (await serving()) ?? 0, [statement]);
};

const forget = async () => await change("DELETE FROM common_passage");

/** The weekly job of the miniature goes on until it finds this row. */
const tellToEnd = async () =>
  await change("INSERT INTO common_passage (job, quand) VALUES ('fin du bilan', now())");

/** As if the machine had been off since 2020. */
async function missed(kind: JobKind): Promise<void> {
  const configuration = await loadConfiguration(join(site.folder, "updater.toml"));
  const found = instanceOf(configuration, await connectEngine(), { event: () => undefined });
  const { state } = await readInstance(found.engine, instance);
  const seenTo = (book: Parameters<Parameters<typeof writeJobs>[2]>[0]) => ({
    ...book,
    seenTo: { ...book.seenTo, [kind]: "2020-01-01T00:00:00.000Z" },
  });
  await writeJobs(found, state.proxyImage, seenTo);
}

const eventually = async (check: () => Promise<void>) => {
  await vi.waitFor(check, { timeout: 60_000, interval: 1_000 });
};

const engineContainer = async (name: string) =>
  (await docker()).getContainer(`biomaid-${instance}-${name}`);

test("init starts a scheduler that the engine keeps alive; what was missed for years is made up once", async () => {
  const { State, HostConfig } = await (await engineContainer("scheduler")).inspect();
  expect([State.Running, HostConfig.RestartPolicy?.Name]).toEqual([true, "unless-stopped"]);
  expect((await jobs()).runs).toEqual([]);

  expect((await site.run("jobs", "stop")).exitCode).toBe(0);
  const status = await site.run("status");
  expect([status.exitCode, status.stdout]).toEqual([
    5,
    expect.stringMatching(/scheduler does not run.*jobs start/),
  ]);
  expect((await site.run("doctor")).stdout).toMatch(
    /The scheduler does not run[^]*updater jobs start/,
  );
  await missed("quarter_hourly");
  expect((await site.run("jobs", "start")).exitCode).toBe(0);

  await eventually(async () => expect((await jobs()).runs).toHaveLength(1));
  expect((await jobs()).runs).toMatchObject([
    {
      kind: "quarter_hourly",
      outcome: "done",
      generation: 1,
      tag: tags.first,
      due: "2020-12-31T23:00:00.000Z",
    },
  ]);
  expect(await traces(`bascule ${tags.first}`)).toBe(1);
  expect((await site.run("status")).exitCode).toBe(0);
});

test("a job that crashes is told by name, though runjobs ends with 0; the others of its schedule run", async () => {
  const run = await site.run("jobs", "run", "daily");

  expect(run.exitCode, run.all).toBe(3);
  expect(run.stdout).toMatch(
    /^daily: crashed .*\n.*common\.import_then_analyse: RuntimeError: le fichier/,
  );
  expect(await traces("structure_check")).toBe(1);
  const told = (await jobs()).runs.at(-1)?.jobs ?? [];
  expect(told.filter(({ error }) => error !== null)).toHaveLength(1);
  expect(told.map(({ name }) => name)).toContain("common.structure_check");
  expect((await site.run("jobs", "log", "daily")).stdout).toContain("Traceback");
  const status = await site.run("status");
  expect([status.exitCode, status.stdout]).toEqual([5, expect.stringContaining("daily crashed")]);
  expect((await site.run("status", "--metrics")).stdout).toMatch(
    /jobs_done\{schedule="daily".*\} 0/,
  );
});

test("a run goes on when its scheduler is killed, is not repeated, and its end is written down by the next one", async () => {
  await forget();
  await site.run("jobs", "stop");
  await missed("weekly");
  await site.run("jobs", "start");
  await eventually(async () => expect(await traces("bilan")).toBe(1));
  await (await engineContainer("scheduler")).kill();
  const refused = await site.run("jobs", "run", "quarter_hourly");
  await site.run("jobs", "start");
  await tellToEnd();
  await eventually(async () => expect((await jobs()).running).toBeNull());

  expect([refused.exitCode, refused.all]).toEqual([
    1,
    expect.stringContaining("weekly jobs are running"),
  ]);
  expect((await jobs()).runs.at(-1)).toMatchObject({ kind: "weekly", outcome: "done" });
  expect([await traces("bilan"), await traces("bilan terminé")]).toEqual([1, 1]);
});

test(
  "a rehearsal runs no job; one that is due meanwhile runs on the serving version",
  { tags: "long" },
  async () => {
    await scene.reach(tags.first);
    await forget();
    let asked: ReturnType<Site["run"]> | undefined;
    const rehearsal = await site.operate(["rehearse", tags.additive], ({ type, step }) => {
      if (type === "step-finished" && step === "boot") {
        asked = site.run("jobs", "run", "quarter_hourly");
      }
    });

    expectExit(rehearsal, 0);
    expect((await asked)?.exitCode).toBe(0);
    expect((await jobs()).runs.at(-1)).toMatchObject({ generation: 1, tag: tags.first });
    expect(await traces(`bascule ${tags.first}`)).toBe(1);
  },
);

test(
  "a swap gives up when a job does not end, and production stays as it was",
  { tags: "long" },
  async () => {
    await scene.reach(tags.first);
    await forget();
    await site.configure(table("1s"));
    const long = site.run("jobs", "run", "weekly");
    await eventually(async () => expect(await traces("bilan")).toBe(1));
    const swap = await site.operate(["swap", tags.additive]);
    const cancelled = await site.run("jobs", "cancel");
    await site.configure(table());

    expectExit(swap, 3);
    expect(errorOf(swap)).toMatchObject({
      code: "jobStillRuns",
      next: expect.stringContaining("jobs cancel"),
    });
    expect(await serving()).toBe(1);
    expect(cancelled.exitCode, cancelled.all).toBe(0);
    expect((await long).exitCode).toBe(3);
    expect((await jobs()).runs.at(-1)).toMatchObject({ kind: "weekly", outcome: "cut-short" });
    expect((await site.run("jobs", "run", "quarter_hourly")).exitCode).toBe(0);
  },
);

test("a swap waits for a job that runs, none begins until the switch, and the next runs on the new version", async () => {
  await scene.reach(tags.first);
  await forget();
  // Once the gate is closed, and asked by whoever closes it.
  const hook = join(site.folder, "in-the-hold");
  const updater = join(import.meta.dirname, "../../bin/updater");
  await writeFile(
    hook,
    `#!/bin/sh\n${updater} --config "$UPDATER_CONFIGURATION" --json jobs run quarter_hourly >"$0.said"\ntrue\n`,
    { mode: 0o755 },
  );
  await site.configure({ ...table(), "hooks.instance_stop": `run = "${hook}"` });
  const long = site.run("jobs", "run", "weekly");
  await eventually(async () => expect(await traces("bilan")).toBe(1));
  let waited: Promise<void> | undefined;
  const swap = await site.operate(["swap", tags.additive], ({ type }) => {
    // What it says when a job is in its way.
    if (type === "warning") waited = tellToEnd();
  });
  await waited;

  expectExit(swap, 0);
  expect(waited).toBeDefined();
  expect((await long).exitCode).toBe(0);
  expect(swap.steps.indexOf("pause-jobs")).toBeLessThan(swap.steps.indexOf("close-gate"));
  const said = (await readFile(`${hook}.said`, "utf8")).trim().split("\n").at(-1) ?? "";
  expect(JSON.parse(said)).toMatchObject({ exitCode: 1, error: { code: "jobsPaused" } });
  // What it wrote until its end came along.
  expect(await traces("bilan terminé")).toBe(1);
  expect((await site.run("jobs", "run", "quarter_hourly")).exitCode).toBe(0);
  expect(await traces(`bascule ${tags.additive}`)).toBe(1);
});

test(
  "a rollback ends a job that does not end by itself; the next run is on the version returned to",
  { tags: "long" },
  async () => {
    await site.configure(table());
    await scene.reach(tags.additive);
    await forget();
    await site.configure(table("1s"));
    const long = site.run("jobs", "run", "weekly");
    await eventually(async () => expect(await traces("bilan")).toBe(1));
    expectExit(await site.operate(["rollback", "--accept-data-loss"]), 0);
    expect((await long).exitCode).toBe(3);
    expect((await jobs()).runs.at(-1)).toMatchObject({ outcome: "cut-short", tag: tags.additive });
    await forget();
    await site.configure(table());
    expect((await site.run("jobs", "run", "quarter_hourly")).exitCode).toBe(0);

    expect((await jobs()).runs.at(-1)).toMatchObject({ generation: 1, tag: tags.first });
    expect(await traces(`bascule ${tags.first}`)).toBe(1);
  },
);

test("Ctrl-C typed the moment jobs are to run keeps them from running", async () => {
  await forget();
  const run = await site.operate(["jobs", "run", "weekly"], ({ type, step }, ctrlC) => {
    if (type === "step-started" && step === "run-jobs") ctrlC();
  });

  // What had begun all the same was ended.
  expect([1, 3], run.transcript).toContain(run.exitCode);
  expect((await jobs()).running).toBeNull();
  await expect((await engineContainer("job")).inspect()).rejects.toThrow("no such container");
  expect(await traces("bilan terminé")).toBe(0);
});

test("a run that takes longer than it may is ended, and told", async () => {
  await forget();
  // What a job takes to begin on a busy machine is less.
  await site.configure({ jobs: `${table().jobs}\ntime_limit = "10s"` });
  const run = await site.run("jobs", "run", "weekly");

  expect(run.exitCode, run.all).toBe(3);
  expect((await jobs()).runs.at(-1)).toMatchObject({ kind: "weekly", outcome: "timed-out" });
  expect([await traces("bilan"), await traces("bilan terminé")]).toEqual([1, 0]);
  await site.configure(table());
});

test(
  "a restore waits for a job that runs, and the next runs on what came out of the backup",
  { tags: "long" },
  async () => {
    await forget();
    const made = await site.operate(["backup"]);
    expectExit(made, 0);
    const [backup] = made.result["backups"] as readonly { name: string }[];
    const before = await serving();
    const long = site.run("jobs", "run", "weekly");
    await eventually(async () => expect(await traces("bilan")).toBe(1));
    let waited: Promise<void> | undefined;
    const restore = await site.operate(
      ["restore", backup?.name ?? "", "--accept-data-loss"],
      ({ type }) => {
        if (type === "warning") waited ??= tellToEnd();
      },
    );
    await waited;

    expectExit(restore, 0);
    expect(waited).toBeDefined();
    expect((await long).exitCode).toBe(0);
    expect(restore.steps.indexOf("pause-jobs")).toBeLessThan(restore.steps.indexOf("close-gate"));
    const restored = await serving();
    expect(restored).not.toBe(before);
    expect(await traces("bilan")).toBe(0);
    expect((await site.run("jobs", "run", "quarter_hourly")).exitCode).toBe(0);
    expect((await jobs()).runs.at(-1)).toMatchObject({ generation: restored });
  },
);
