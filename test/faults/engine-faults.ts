import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { tags } from "../support/miniature.ts";
import type { Fault } from "./fault.ts";
import { pidsOf, startEngine, stopEngine } from "./processes.ts";

const moments = [
  "clone-database",
  "start-candidate",
  "start-gates",
  "close-gate",
  "fence",
  "promote",
  "migrate",
  "commit",
  "switch-static",
  "retire",
];

export const engineFaults: readonly Fault[] = [
  ...moments.map((step) => engineFault("the engine restarts", "engine restart", step, restart)),
  ...moments.map((step) => engineFault("the machine loses power", "reboot", step, loseProcesses)),
];

/** Users get no answer while there is no engine; what they wrote before, and what comes after, is whole. */
function engineFault(title: string, kind: string, step: string, act: () => Promise<void>): Fault {
  return {
    name: `swap, ${title} at ${step}`,
    class: kind,
    alone: true,
    async run(scene) {
      await scene.reach(tags.first);
      let acted: Promise<void> | undefined;
      const problems = await scene.problemsUnderLoad(
        async () => {
          const { transcript, exitCode } = await scene.site.operate(
            ["swap", tags.additive],
            (event) => {
              if (event.type !== "step-started" || event.step !== step || acted) return;
              acted = act();
              // It is awaited once the swap has ended.
              acted.catch(() => undefined);
            },
          );
          if (!acted) throw new Error(`never came to ${step}: ${transcript}`);
          await acted;
          // The operator came back with the engine, and has recovered by itself.
          if (exitCode !== 0 && exitCode !== 3) throw new Error(transcript);
        },
        { failing: true },
      );
      return [...problems, ...(await scene.goesOn())];
    },
  };
}

/** As an upgrade of its package does. */
export async function restart(): Promise<void> {
  await stopEngine();
  await startEngine();
}

/** Everything dies at once, and what was not on the disk is the only thing this cannot take away. */
export async function loseProcesses(): Promise<void> {
  const shims = await pidsOf(/containerd-shim/);
  const doomed = [
    ...(await pidsOf(/^(dockerd|containerd|docker-proxy|\/usr\/bin\/docker-proxy)\0/)),
    ...shims,
  ];
  const inside = await below(shims);
  for (const pid of [...doomed, ...inside]) kill(pid);
  while ((await pidsOf(/^(dockerd|containerd)\0/)).length > 0) await delay(50);
  // A reboot begins with an empty /run.
  for (const file of ["docker.pid", "docker/containerd/containerd.pid"])
    await rm(join("/run", file), { force: true });
  await startEngine();
}

/** Everything below these processes; a thread of theirs may be the parent, so each one's own word counts. */
async function below(parents: readonly number[]): Promise<number[]> {
  if (parents.length === 0) return [];
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const children = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      return parents.includes(parent) ? [Number(pid)] : [];
    }),
  );
  return [...children.flat(), ...(await below(children.flat()))];
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (thrown) {
    // Its parent's death was enough.
    if ((thrown as NodeJS.ErrnoException).code !== "ESRCH") throw thrown;
  }
}
