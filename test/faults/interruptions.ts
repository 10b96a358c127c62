import { tags } from "../support/miniature.ts";
import { difference, type Scene } from "../support/scene.ts";
import { openTransaction } from "../support/traces.ts";
import type { Operation } from "../support/updater.ts";
import type { Fault } from "./fault.ts";
import { beforeSwitch, rollbackBefore } from "./kills.ts";

interface Interruption {
  readonly argv: readonly string[];
  readonly step: string;
  /** Where the site is before, and afterwards. */
  readonly at: typeof tags.first | typeof tags.additive;
  /** 1: nothing had begun yet, and nothing is in the history; 3: undone. */
  readonly exitCode: 1 | 3;
}

const swap = { argv: ["swap", tags.additive], at: tags.first };
// Next to nothing lies between a step and Ctrl-C then, which these need: nothing begins or ends meanwhile.
const foreground = { argv: [...swap.argv, "--foreground"], at: swap.at };
const rollback = { argv: ["rollback", "--foreground"], at: tags.additive };
const last = "publish-boot";

/** Ctrl-C at each step that can be undone, and before the first of them. */
export const interruptions: readonly Fault[] = [
  ...["find-release", "preflight"].map((step) => faultOf({ ...foreground, step, exitCode: 1 })),
  ...beforeSwitch.map((step) =>
    faultOf({ ...(step === last ? foreground : swap), step, exitCode: 3 }),
  ),
  ...rollbackBefore.map((step) => faultOf({ ...rollback, step, exitCode: 3 })),
];

function faultOf({ argv, step, at, exitCode }: Interruption): Fault {
  return {
    name: `${argv[0]}, Ctrl-C at ${step}`,
    class: "Ctrl-C",
    async run(scene) {
      await scene.reach(at);
      const seen = async () => ({
        ...(await scene.picture()),
        ...(exitCode === 1 && { history: await scene.history() }),
      });
      const before = await seen();
      const problems = await scene.problemsUnderLoad(async () => {
        const interrupted = await interruptedAt(scene, step, argv);
        const { error } = interrupted.result as unknown as { error: { code: string } | null };
        if (interrupted.exitCode !== exitCode || error?.code !== "interrupted")
          throw new Error(interrupted.transcript);
      });
      return [...problems, ...difference(before, await seen()), ...(await scene.goesOn())];
    },
  };
}

/** Types Ctrl-C the moment a step begins. */
export async function interruptedAt(
  { site }: Scene,
  step: string,
  argv: readonly string[],
): Promise<Operation> {
  // The last step before the switch is over in no time: something must hold it up until Ctrl-C has arrived. It makes a
  // statement wait for the publication.
  let obstacle: Promise<() => Promise<void>> | undefined;
  let interrupted: Promise<void> | undefined;
  const operation = await site.operate(argv, (event, ctrlC) => {
    if (event.type !== "step-started") return;
    if (event.step === "probe" && step === last) {
      obstacle = openTransaction(site.instance, {
        statements: ["ALTER PUBLICATION updater_follow SET (publish_via_partition_root = false)"],
      });
    }
    if (event.step === step) interrupted = interrupt(ctrlC);
  });
  await interrupted;
  return operation;

  async function interrupt(ctrlC: () => void): Promise<void> {
    const remove = await obstacle;
    ctrlC();
    await remove?.();
  }
}
