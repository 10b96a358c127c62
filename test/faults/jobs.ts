import { setTimeout as delay } from "node:timers/promises";
import { connectEngine } from "../../src/engine/connect.ts";
import { readInstance } from "../../src/instance/read-instance.ts";
import { tags } from "../support/miniature.ts";
import { changeRows, readRows } from "../support/traces.ts";
import { loseProcesses, restart } from "./engine-faults.ts";
import type { Fault } from "./fault.ts";
import { difference, type Stage } from "./stage.ts";

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
    run: async (stage) =>
      await withJobs(stage, async () => {
        const running = stage.site.updater("jobs", "run", "weekly");
        while ((await traces(stage, "bilan")) === 0) await delay(100);
        await strike();
        await running;
        const runs = await runsOf(stage);
        return [
          // It had begun: nobody can tell what it did, so nobody does it again.
          ...difference(
            { begun: 1, ended: 0, outcome: "cut-short" },
            {
              begun: await traces(stage, "bilan"),
              ended: await traces(stage, "bilan terminé"),
              outcome: runs.at(-1)?.outcome,
            },
          ),
          ...(await runsOn(stage, tags.first)),
        ];
      }),
  },
  {
    name: `${title} while a swap keeps jobs back`,
    class: kind,
    run: async (stage) =>
      await withJobs(stage, async () => {
        let struck: Promise<void> | undefined;
        const { exitCode, transcript } = await stage.site.operate(
          ["swap", tags.additive],
          ({ type, step }) => {
            if (type !== "step-started" || step !== "fence") return;
            struck ??= strike();
            struck.catch(() => undefined);
          },
        );
        if (!struck) throw new Error(`never came to fence: ${transcript}`);
        await struck;
        return await runsOn(stage, exitCode === 0 ? tags.additive : tags.first);
      }),
  },
]);

async function withJobs(stage: Stage, act: () => Promise<readonly string[]>): Promise<string[]> {
  await stage.reach(tags.first);
  await stage.site.configure(table);
  try {
    await stage.does("jobs", "start");
    await forget(stage);
    return [...(await act()), ...(await stage.disorder())];
  } finally {
    await stage.does("jobs", "stop");
    await stage.site.configure({});
  }
}

/** What is asked for now runs once, on the version that serves, and a scheduler is there again. */
async function runsOn(stage: Stage, tag: string): Promise<string[]> {
  await forget(stage);
  await stage.does("jobs", "run", "quarter_hourly");
  const { scheduler, runs } = await jobsOf(stage);
  return difference(
    { scheduler: true, ran: tag, times: 1 },
    { scheduler, ran: runs.at(-1)?.tag, times: await traces(stage, `bascule ${tag}`) },
  );
}

interface Jobs {
  readonly scheduler: boolean;
  readonly runs: readonly { readonly outcome: string; readonly tag: string }[];
}

async function jobsOf(stage: Stage): Promise<Jobs> {
  return JSON.parse(await stage.does("jobs")) as Jobs;
}

async function runsOf(stage: Stage): Promise<Jobs["runs"]> {
  return (await jobsOf(stage)).runs;
}

async function serving({ site }: Stage): Promise<number> {
  return (await readInstance(await connectEngine(), site.instance)).serving?.number ?? 0;
}

async function traces(stage: Stage, word: string): Promise<number> {
  const query = `SELECT job FROM common_passage WHERE job = '${word}'`;
  return (await readRows(stage.site.instance, await serving(stage), query)).length;
}

async function forget(stage: Stage): Promise<void> {
  await changeRows(stage.site.instance, await serving(stage), ["DELETE FROM common_passage"]);
}
