import { connectEngine } from "../../src/engine/connect.ts";
import { tags } from "../support/miniature.ts";
import type { Fault } from "./fault.ts";
import { difference } from "./stage.ts";

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
  "boot",
  "probe",
  "count-changes",
  "commit",
  "switch-static",
  "probation",
  "retire",
];
const inRollback = ["resume-previous", "close-gate", "fence", "switch-static", "retire"];
const inRehearsal = ["clone-database", "ask-serving", "migrate", "remove-rehearsal"];

/** The engine's supervision: what ran the operation dies, and nobody types anything. */
export const operatorKills: readonly Fault[] = [
  ...inSwap.map((step) => operatorKill(step, tags.first, tags.additive, "swap", tags.additive)),
  ...inRollback.map((step) =>
    operatorKill(step, tags.additive, tags.first, "rollback", "--accept-data-loss"),
  ),
  ...inRehearsal.map((step) =>
    operatorKill(step, tags.first, tags.first, "rehearse", tags.additive),
  ),
];

function operatorKill(
  step: string,
  from: typeof tags.first | typeof tags.additive,
  to: string,
  ...argv: readonly string[]
): Fault {
  return {
    name: `${argv[0]}, supervised, killed at ${step}`,
    class: "kill -9 of the operator",
    async run(stage) {
      await stage.reach(from);
      const before = await stage.picture();
      let killed: Promise<void> | undefined;
      let exitCode: number | undefined;
      const problems = await stage.underLoad(async () => {
        const operation = await stage.site.operate(argv, (event) => {
          if (event.type !== "step-started" || event.step !== step) return;
          killed ??= killOperator(stage.site.instance);
        });
        if (!killed) throw new Error(`never came to ${step}: ${operation.transcript}`);
        await killed;
        ({ exitCode } = operation);
        if (exitCode !== 0 && exitCode !== 3) throw new Error(operation.transcript);
      });
      // What it died of was undone, or finished: the exit code says which, and it is so.
      const serving = await stage.servingTag();
      if (serving !== (exitCode === 0 ? to : from)) {
        problems.push(`it ended with ${exitCode}, and ${serving} is serving`);
      }
      const left =
        serving === from ? difference(before, await stage.picture()) : await stage.disorder();
      // A rollback gives up what was written at the release it leaves.
      const given = argv[0] === "rollback" && exitCode === 0;
      return [...problems.filter((one) => !(given && /writes missing/.test(one))), ...left];
    },
  };
}

/** Kills the process an operation runs in, behind the engine's back. */
async function killOperator(instance: string): Promise<void> {
  const container = (await connectEngine()).getContainer(`biomaid-${instance}-operator`);
  const { State } = await container.inspect();
  process.kill(State.Pid, "SIGKILL");
}
