import { docker } from "../support/docker.ts";
import { readFile } from "node:fs/promises";
import { label } from "../../src/engine/labels.ts";
import { tags } from "../support/miniature.ts";
import type { Fault } from "./fault.ts";
import type { Scene } from "../support/scene.ts";

export type Victim =
  | "gate-1"
  | "gate-2"
  | "proxy"
  | "serving db"
  | "serving app"
  | "candidate db"
  | "candidate app";

/** Whose death users feel for as long as it lasts; what dies while the last counting begins serves by then. */
const isFelt = (victim: Victim, step: string) =>
  ["proxy", "serving db", "serving app"].includes(victim) ||
  (victim.startsWith("candidate") && step === "publish-boot");

/** Steps of a swap at whose beginning each is there. */
const moments: Readonly<Record<Victim, readonly string[]>> = {
  "gate-1": ["close-gate", "fence", "promote", "migrate", "boot", "probe", "commit"],
  "gate-2": ["close-gate", "migrate", "commit"],
  proxy: [
    "clone-database",
    "start-candidate",
    "close-gate",
    "fence",
    "migrate",
    "switch-static",
    "retire",
  ],
  "serving db": [
    "clone-database",
    "start-candidate",
    "start-gates",
    "close-gate",
    "fence",
    "catch-up",
  ],
  "serving app": ["clone-database", "start-candidate", "start-gates", "close-gate", "fence"],
  "candidate db": [
    "start-candidate",
    "catch-up",
    "promote",
    "migrate",
    "publish-changes",
    "boot",
    "probe",
    "publish-boot",
  ],
  "candidate app": ["migrate", "publish-changes", "boot", "probe", "publish-boot"],
};

/** As an out-of-memory killer would: the engine starts it again if that is its policy. */
export const containerKills: readonly Fault[] = Object.entries(moments).flatMap(([victim, steps]) =>
  steps.map((step) => containerKill(victim as Victim, step)),
);

function containerKill(victim: Victim, step: string): Fault {
  return {
    name: `swap, ${victim} killed at ${step}`,
    class: "kill -9 of a container",
    async run(scene) {
      await scene.reach(tags.first);
      let killed: Promise<boolean> | undefined;
      const problems = await scene.problemsUnderLoad(
        async () => {
          const { transcript } = await scene.site.operate(["swap", tags.additive], (event) => {
            if (event.type !== "step-started" || event.step !== step) return;
            killed ??= find(scene, victim).then(kill);
          });
          if (!(await killed)) throw new Error(`no ${victim} at ${step}: ${transcript}`);
          await scene.site.does("recover");
        },
        { failing: isFelt(victim, step) },
      );
      return [...problems, ...(await scene.goesOn())];
    },
  };
}

/** Name of a container; the candidate is the newest generation of all. */
export async function find({ site: { instance } }: Scene, victim: Victim): Promise<string> {
  const [whose = "", part = ""] = victim.split(" ");
  if (part === "") return `biomaid-${instance}-${whose}`;
  const filters = { label: [`${label.instance}=${instance}`, `${label.role}=database`] };
  const databases = await (await docker()).listContainers({ all: true, filters });
  const numbers = databases.map(({ Labels }) => Number(Labels[label.generation]));
  const number = whose === "candidate" ? Math.max(...numbers) : Math.min(...numbers);
  return `biomaid-${instance}-g${number}-${part}`;
}

/** Kills the first process of a container, behind the engine's back. */
export async function kill(container: string): Promise<boolean> {
  const { State } = await (await docker()).getContainer(container).inspect();
  if (!State.Running) return false;
  const children = await readFile(`/proc/${State.Pid}/task/${State.Pid}/children`, "utf8");
  // The first process is the engine's own init, which would only pass on a signal it can catch.
  for (const pid of [...children.split(" ").filter(Boolean), State.Pid]) kill9(Number(pid));
  return true;
}

function kill9(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // The init ends by itself once it has nobody left.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
