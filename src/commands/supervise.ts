import { loadConfiguration } from "../config/load.ts";
import { connectEngine } from "../engine/connect.ts";
import { removeContainer, signalContainer, stateOf } from "../engine/containers.ts";
import { startWithInput } from "../engine/shell.ts";
import { exit, type ExitCode, messageOf, UpdaterError } from "../errors.ts";
import { type Instance, instanceOf } from "../instance/instance.ts";
import { findInstance } from "../instance/read-instance.ts";
import { holderOf } from "../instance/instance-lock.ts";
import { createOperator } from "../supervision/operator-container.ts";
import { messagesOf } from "../supervision/read-messages.ts";
import type { Command, Environment } from "./command.ts";
import { reportRecorded } from "./operation-report.ts";
import type { Result } from "./results.ts";

/** An operation that goes on when the command that asked for it is gone. */
export interface Supervised {
  /** As others are told: "swap 0.8.1". */
  readonly operation: string;
  readonly argv: readonly string[];
  /** Begin it, and leave it alone. */
  readonly detach: boolean;
}

/**
 * Lets the engine run a command: what becomes of the terminal, and of this process, is nothing to it then,
 * and when it is killed the engine starts it again, to recover. Where that is not possible (an engine on
 * another machine) it runs in this process.
 */
export const supervise =
  (command: Command, { operation, argv, detach }: Supervised): Command =>
  async (environment) => {
    const configuration = await loadConfiguration(environment.configurationFile);
    const engine = await connectEngine();
    const instance = instanceOf(configuration, engine, environment.reporter);
    const begun = await begin(instance, operation, argv);
    if ("operator" in begun) {
      const code = await watch(environment, instance, begun.operator, { detach });
      if (code !== undefined) return code;
    }
    const reason = "reason" in begun ? begun.reason : "";
    environment.reporter.event({ type: "output", source: "supervision", line: reason });
    environment.reporter.event({ type: "note", note: "unsupervised" });
    return await command(environment);
  };

/**
 * @returns id of the operator's container, or why there is none
 * @throws UpdaterError `locked`, `foreignContainer`
 */
async function begin(
  instance: Instance,
  operation: string,
  argv: readonly string[],
): Promise<{ operator: string } | { reason: string }> {
  let operator: string | undefined;
  try {
    operator = await createOperator(instance, operation, argv);
    if (operator === undefined) return { reason: "rootless" };
    // Not as the container's own variables: every user of the engine may read those, and a proxy's may hold a password.
    await startWithInput(instance.engine, operator, JSON.stringify(process.env));
    return { operator };
  } catch (error) {
    if (operator !== undefined) await removeContainer(instance.engine, operator);
    if (error instanceof UpdaterError) throw error;
    // An image that is not there yet, an engine that forbids what this takes.
    return { reason: messageOf(error) };
  }
}

/**
 * Shows what an operator says until it has ended, then removes it.
 * @param operator id of its container
 * @returns its exit code; nothing when it never began
 * @throws what the operation was refused with
 */
export async function watch(
  environment: Environment,
  { engine, name }: Instance,
  operator: string,
  { detach }: { detach: boolean },
): Promise<ExitCode | undefined> {
  const { catalogue, signal, hangUp, reporter } = environment;
  const state = await stateOf(engine, operator);
  const leave = new AbortController();
  const interrupt = () => {
    // What the engine runs can do without a terminal.
    if (begun && !hangUp.aborted) {
      void signalContainer(engine, operator, "SIGINT").catch(() => undefined);
    }
  };
  let begun = false;
  let refused: UpdaterError | undefined;
  let code: ExitCode | undefined;
  signal.addEventListener("abort", interrupt, { once: true });
  for await (const said of messagesOf(engine, operator, AbortSignal.any([hangUp, leave.signal]))) {
    switch (said.message) {
      case "begun":
        begun = true;
        if (signal.aborted) interrupt();
        if (detach) leave.abort();
        break;
      case "elsewhere":
        await removeContainer(engine, operator);
        return undefined;
      case "event":
        reporter.event(said.event);
        break;
      case "printed":
        environment.print(said.text, said.value as Result);
        break;
      case "refused":
        refused = said.error;
        break;
      case "starting-again":
        break;
      case "ended":
        code = said.exitCode as ExitCode;
    }
  }
  if (hangUp.aborted) return exit.done;
  if (leave.signal.aborted) {
    environment.print(catalogue.cli.detached, { type: "detached" });
    return exit.done;
  }
  if (code === undefined && begun) {
    // Its log may tell why, and an engine may still start it again: the next operation clears it away.
    const history = (await findInstance(engine, name))?.state.history ?? [];
    const since = state && holderOf(state.labels, state.createdAt).since;
    const recorded = since === undefined ? since : reportRecorded(environment, history, since);
    if (recorded !== undefined) return recorded;
    throw new UpdaterError("operatorGone", { instance: name });
  }
  await removeContainer(engine, operator);
  if (refused) throw refused;
  return code;
}
