import { execa } from "execa";
import { messageOf } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import type { BareMetal, Generation } from "../instance/state.ts";
import type { OperationContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";
import { fenceServing } from "../steps/fence-and-promote.ts";

/** Milliseconds that a service's manager may take. */
const limitMs = 20_000;

/**
 * Starts gunicorn's service, should it not run: BiomAid does not boot in front of a database that is closed, so after a restart
 * of the machine it has ended. One that runs is left alone.
 */
export const startService: Step<
  Pick<OperationContext, "instance"> & { readonly previous: Pick<Generation, "bareMetal"> }
> = {
  name: "start-service",
  gate: "closed",

  async apply({ instance, previous: { bareMetal } }, signal) {
    await ensureService(instance, bareMetal, signal);
  },
};

/** Behind the fence of a machine: where it is lifted, gunicorn may have ended in front of it. */
export const fenceMachine: typeof fenceServing = {
  ...fenceServing,

  async undo(context) {
    await fenceServing.undo?.(context);
    await ensureService(context.instance, context.serving.bareMetal);
  },
};

/** The same wherever a machine's database has been opened; whether gunicorn answers then is for others to find out. */
export async function ensureService(
  { reporter }: Pick<Instance, "reporter">,
  bareMetal: BareMetal | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const { kind, name } = bareMetal?.service ?? {};
  if (kind === undefined || name === undefined) return;
  const commands =
    kind === "systemd"
      ? [
          ["systemctl", "reset-failed", name],
          ["systemctl", "start", name],
        ]
      : [["supervisorctl", "start", name]];
  for (const [program = "", ...argv] of commands) {
    const started = execa(program, argv, {
      all: true,
      stdin: "ignore",
      reject: false,
      timeout: limitMs,
      ...(signal && { cancelSignal: signal }),
    });
    const said = await started.then(
      ({ all, failed, shortMessage }) => all || (failed ? shortMessage : ""),
      (error: unknown) => messageOf(error),
    );
    if (said) reporter.event({ type: "output", source: "supervision", line: said });
  }
}
