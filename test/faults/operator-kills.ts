import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { docker } from "../support/docker.ts";
import { tags } from "../support/miniature.ts";
import type { Fault } from "./fault.ts";
import { difference } from "../support/scene.ts";
import type { Site } from "../support/site.ts";

const inSwap = [
  "find-release",
  "build-image",
  "clone-database",
  "start-candidate",
  "start-gates",
  "close-gate",
  "fence",
  "promote",
  "migrate",
  "publish-changes",
  "boot",
  "probe",
  "publish-boot",
  "commit",
  "switch-static",
  "follow",
  "probation",
  "retire",
];
const inRollback = [
  "resume-previous",
  "close-gate",
  "return-writes",
  "boot",
  "switch-static",
  "end-following",
  "retire",
];
const inRehearsal = ["clone-database", "ask-serving", "migrate", "remove-rehearsal"];

type Container = Docker.Container;

interface Supervised {
  readonly argv: readonly string[];
  readonly from: typeof tags.first | typeof tags.additive;
  readonly to: string;
}
const swap: Supervised = { argv: ["swap", tags.additive], from: tags.first, to: tags.additive };
const rollback: Supervised = {
  argv: ["rollback"],
  from: tags.additive,
  to: tags.first,
};
const rehearsal: Supervised = {
  argv: ["rehearse", tags.additive],
  from: tags.first,
  to: tags.first,
};

interface Death {
  readonly how: string;
  /** @returns what puts the site's own files right again, once it has been recovered */
  readonly kill: (container: Container, site: Site) => Promise<(() => Promise<void>) | undefined>;
}
/** As an out-of-memory killer would, behind the engine's back. */
const killed: Death = {
  how: "killed",
  async kill(container) {
    const { State } = await container.inspect();
    process.kill(State.Pid, "SIGKILL");
    return undefined;
  },
};
/** As `docker kill`: no engine starts it again, and whoever reads along does. */
const killedByHand: Death = {
  how: "killed by hand",
  async kill(container) {
    await container.kill();
    return undefined;
  },
};

/** As in a power cut with somebody at work on the site's settings. */
const killedAmidEdit: Death = {
  how: "killed with updater.toml half edited",
  async kill(container, site) {
    const file = join(site.folder, "updater.toml");
    const text = await readFile(file, "utf8");
    await writeFile(file, `${text.slice(0, text.length / 2)}\n[rollback`);
    await killed.kill(container, site);
    return async () => await writeFile(file, text);
  },
};

/** The engine's supervision: what ran the operation dies, and nobody types anything. */
export const operatorKills: readonly Fault[] = [
  ...inSwap.map((step) => operatorDeath(swap, step, killed)),
  ...inRollback.map((step) => operatorDeath(rollback, step, killed)),
  ...inRehearsal.map((step) => operatorDeath(rehearsal, step, killed)),
  ...["clone-database", "fence", "retire"].map((step) => operatorDeath(swap, step, killedByHand)),
  ...["migrate", "probation"].map((step) => operatorDeath(swap, step, killedAmidEdit)),
];

function operatorDeath({ argv, from, to }: Supervised, step: string, { how, kill }: Death): Fault {
  return {
    name: `${argv[0]}, supervised, ${how} at ${step}`,
    class: "kill -9 of the operator",
    async run(scene) {
      await scene.reach(from);
      const before = await scene.picture();
      let killed: ReturnType<Death["kill"]> | undefined;
      let exitCode: number | undefined;
      const problems = await scene.problemsUnderLoad(async () => {
        const operation = await scene.site.operate(argv, (event) => {
          if (event.type !== "step-started" || event.step !== step) return;
          killed ??= operatorOf(scene.site.instance).then(async (one) => kill(one, scene.site));
        });
        if (!killed) throw new Error(`never came to ${step}: ${operation.transcript}`);
        await (
          await killed
        )?.();
        ({ exitCode } = operation);
        if (exitCode !== 0 && exitCode !== 3) throw new Error(operation.transcript);
      });
      // What it died of was undone, or finished: the exit code says which, and it is so.
      const serving = await scene.servingTag();
      if (serving !== (exitCode === 0 ? to : from)) {
        problems.push(`it ended with ${exitCode}, and ${serving} is serving`);
      }
      const left =
        serving === from ? difference(before, await scene.picture()) : await scene.disorder();
      return [...problems, ...left];
    },
  };
}

async function operatorOf(instance: string): Promise<Container> {
  return (await docker()).getContainer(`biomaid-${instance}-operator`);
}
