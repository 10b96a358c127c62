import { loadConfiguration } from "../config/load.ts";
import { connectEngine } from "../engine/connect.ts";
import { removeContainer } from "../engine/containers.ts";
import { exit, type ExitCode, messageOf, UpdaterError } from "../errors.ts";
import { type Instance, instanceOf } from "../instance/instance.ts";
import { findInstance } from "../instance/read-instance.ts";
import { createOperator, holderOf } from "../supervision/operator-container.ts";
import { messagesOf } from "../supervision/read-messages.ts";
import type { Command, Environment } from "./command.ts";
import { reportRecorded } from "./operation-report.ts";

export type Operator = NonNullable<Awaited<ReturnType<typeof createOperator>>>;

/** An operation that goes on when whoever asked for it is gone. */
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
    if ("container" in begun) {
      const code = await watch(environment, instance, begun.container, { detach });
      if (code !== undefined) return code;
    }
    const reason = "reason" in begun ? begun.reason : "";
    environment.reporter.event({ type: "output", source: "supervision", line: reason });
    environment.reporter.event({ type: "note", note: "unsupervised" });
    return await command(environment);
  };

/** @throws UpdaterError `locked`, `foreignContainer` */
async function begin(
  instance: Instance,
  operation: string,
  argv: readonly string[],
): Promise<{ container: Operator } | { reason: string }> {
  let container: Operator | undefined;
  try {
    container = await createOperator(instance, operation, argv);
    if (!container) return { reason: "rootless" };
    const connection = await container.attach({ stream: true, stdin: true, hijack: true });
    await container.start();
    // Not as the container's own variables: anybody may read those, and a proxy's may hold a password.
    connection.end(JSON.stringify(process.env));
    return { container };
  } catch (error) {
    if (container) await removeContainer(instance.engine, container.id);
    if (error instanceof UpdaterError) throw error;
    // An image that is not there yet, an engine that forbids what this takes.
    return { reason: messageOf(error) };
  }
}

/**
 * Shows what an operator says until it has ended, then removes it.
 * @returns its exit code; nothing when it never began
 * @throws what the operation was refused with
 */
export async function watch(
  environment: Environment,
  { engine, name }: Instance,
  container: Operator,
  { detach }: { detach: boolean },
): Promise<ExitCode | undefined> {
  const { catalogue, signal, hangUp, reporter } = environment;
  const { Config, Created } = await container.inspect();
  const leave = new AbortController();
  const interrupt = () => {
    // What the engine runs can do without a terminal.
    if (begun && !hangUp.aborted) {
      void container.kill({ signal: "SIGINT" }).catch(() => undefined);
    }
  };
  let begun = false;
  let refused: UpdaterError | undefined;
  let code: ExitCode | undefined;
  signal.addEventListener("abort", interrupt, { once: true });
  for await (const said of messagesOf(engine, container, AbortSignal.any([hangUp, leave.signal]))) {
    switch (said.message) {
      case "begun":
        begun = true;
        if (signal.aborted) interrupt();
        if (detach) leave.abort();
        break;
      case "elsewhere":
        await removeContainer(engine, container.id);
        return undefined;
      case "event":
        reporter.event(said.event);
        break;
      case "printed":
        environment.print(said.text, said.value);
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
    const recorded = reportRecorded(environment, history, holderOf(Config.Labels, Created).since);
    if (recorded !== undefined) return recorded;
    throw new UpdaterError("operatorGone", { instance: name });
  }
  await removeContainer(engine, container.id);
  if (refused) throw refused;
  return code;
}
