import { execa } from "execa";
import { messageOf } from "../errors.ts";
import type { Generation } from "../instance/state.ts";
import type { OperationContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";

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

  async apply({ instance: { reporter }, previous: { bareMetal } }, signal) {
    const { kind, name } = bareMetal?.service ?? {};
    if (kind === undefined || name === undefined) return;
    const program = kind === "systemd" ? "systemctl" : "supervisorctl";
    // Whether it answers is found out next, whoever has started it.
    const started = execa(program, ["start", name], {
      all: true,
      stdin: "ignore",
      reject: false,
      timeout: limitMs,
      cancelSignal: signal,
    });
    const said = await started.then(
      ({ all, failed, shortMessage }) => all || (failed ? shortMessage : ""),
      (error: unknown) => messageOf(error),
    );
    if (said) reporter.event({ type: "output", source: "supervision", line: said });
  },
};
