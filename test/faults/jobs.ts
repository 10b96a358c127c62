import { setTimeout as delay } from "node:timers/promises";
import { connectEngine } from "../../src/engine/connect.ts";
import { until } from "../../src/lib/until.ts";
import { readInstance } from "../../src/instance/read-instance.ts";
import { tags } from "../support/miniature.ts";
import { changeRows, readRows } from "../support/traces.ts";
import { loseProcesses, restart } from "./engine-faults.ts";
import type { Fault } from "./fault.ts";
import { difference, type Scene } from "../support/scene.ts";

const kind = "periodic jobs";

/** Nothing is due by the clock of this machine. */
const table = {
  jobs: `enabled = true
quarter_hourly = "0 0 1 1 *"
hourly = "off"
daily = "off"
weekly = "0 0 1 1 *"`,
};

const strikes = [
  ["the engine restarts", restart],
  ["the machine loses power", loseProcesses],
] as const;

export const jobFaults: readonly Fault[] = strikes.flatMap(([title, strike]) => [
  {
    name: `${title} while a job runs`,
    class: kind,
    alone: true,
    run: async (scene) =>
      await withJobs(scene, async () => {
        const running = scene.site.run("jobs", "run", "weekly");
        while ((await traces(scene, "bilan")) === 0) await delay(100);
        await strike();
        await running;
        const runs = await runsOnceTold(scene);
        return [
          // It had begun: nobody can tell what it did, so nobody does it again.
          ...difference(
            { begun: 1, ended: 0, outcome: "cut-short" },
            {
              begun: await traces(scene, "bilan"),
              ended: await traces(scene, "bilan terminé"),
              outcome: runs.at(-1)?.outcome,
            },
          ),
          ...(await runsOn(scene, tags.first)),
        ];
      }),
  },
  {
    name: `${title} while a swap keeps jobs back`,
    class: kind,
    alone: true,
    run: async (scene) =>
      await withJobs(scene, async () => {
        let struck: Promise<void> | undefined;
        const { exitCode, transcript } = await scene.site.operate(
          ["swap", tags.additive],
          ({ type, step }) => {
            if (type !== "step-started" || step !== "fence") return;
            struck ??= strike();
            struck.catch(() => undefined);
          },
        );
        if (!struck) throw new Error(`never came to fence: ${transcript}`);
        await struck;
        return await runsOn(scene, exitCode === 0 ? tags.additive : tags.first);
      }),
  },
]);

async function withJobs(scene: Scene, act: () => Promise<readonly string[]>): Promise<string[]> {
  await scene.reach(tags.first);
  await scene.site.configure(table);
  let problems: readonly string[];
  try {
    await scene.site.does("jobs", "start");
    await forget(scene);
    problems = await act();
  } finally {
    await scene.site.does("jobs", "stop");
    await scene.site.configure({});
  }
  // Until here `status` said that a job was cut short.
  return [...problems, ...(await scene.disorder())];
}

/** What is asked for now runs once, on the version that serves, and a scheduler is there again. */
async function runsOn(scene: Scene, tag: string): Promise<string[]> {
  await forget(scene);
  await scene.site.does("jobs", "run", "quarter_hourly");
  const { scheduler, runs } = await jobsOf(scene);
  return difference(
    { scheduler: true, ran: tag, times: 1 },
    { scheduler, ran: runs.at(-1)?.tag, times: await traces(scene, `bascule ${tag}`) },
  );
}

interface Jobs {
  readonly scheduler: boolean;
  readonly runs: readonly { readonly outcome: string; readonly tag: string }[];
}

async function jobsOf(scene: Scene): Promise<Jobs> {
  return await scene.site.does("jobs");
}

async function runsOf(scene: Scene): Promise<Jobs["runs"]> {
  return (await jobsOf(scene)).runs;
}

/** Milliseconds in which a scheduler that starts with its engine must have told how a run ended. */
const toldLimitMs = 60_000;

async function runsOnceTold(scene: Scene): Promise<Jobs["runs"]> {
  let runs: Jobs["runs"] = [];
  const look = { intervalMs: 500, limitMs: toldLimitMs, otherwise: () => undefined };
  await until(async () => (runs = await runsOf(scene)).length > 0, look);
  return runs;
}

async function serving({ site }: Scene): Promise<number> {
  return (await readInstance(await connectEngine(), site.instance)).serving?.number ?? 0;
}

async function traces(scene: Scene, word: string): Promise<number> {
  const query = `SELECT job FROM common_passage WHERE job = '${word}'`;
  return (await readRows(scene.site.instance, await serving(scene), query)).length;
}

async function forget(scene: Scene): Promise<void> {
  await changeRows(scene.site.instance, await serving(scene), ["DELETE FROM common_passage"]);
}
