import { PassThrough } from "node:stream";
import { exit, UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { readControl, viewInstance, type View } from "../instance/read-instance.ts";
import { servingGeneration } from "../instance/serving.ts";
import { type Command, openInstance } from "./command.ts";

export interface LogOptions {
  readonly follow?: boolean;
  /** Lines. */
  readonly tail: number;
  /** An operation's id; true for the last one. */
  readonly operation?: string | true;
}

export const logsCommand =
  ({ follow, tail, operation }: LogOptions): Command =>
  async (environment) => {
    const instance = await openInstance(environment, { recover: false });
    const view = await viewInstance(instance.engine, instance.name);
    if (operation !== undefined) {
      const log = await operationLog(instance, view, operation);
      environment.print(log.trimEnd(), { type: "log", log });
      return exit.done;
    }
    const serving = servingGeneration(view, instance.name);
    const container = instance.engine.getContainer(instance.names.application(serving.number));
    await printLog(instance, container, { follow: follow ?? false, tail }, environment.signal);
    return exit.done;
  };

async function operationLog(
  { engine, name }: Instance,
  { state }: View,
  wanted: string | true,
): Promise<string> {
  const id = wanted === true ? (state.history.at(-1)?.id ?? "") : wanted;
  const known = state.history.some((operation) => operation.id === id);
  if (!known) throw new UpdaterError("operationUnknown", { id });
  const path = `logs/${id}.log`;
  const entries = await readControl(engine, name, [path]);
  const log = entries.get(path);
  if (!log) throw new UpdaterError("operationUnknown", { id });
  return log.content.toString("utf8");
}

async function printLog(
  { engine }: Instance,
  container: ReturnType<Instance["engine"]["getContainer"]>,
  { follow, tail }: { follow: boolean; tail: number },
  signal: AbortSignal,
): Promise<void> {
  const selection = { stdout: true, stderr: true, tail } as const;
  const output = new PassThrough();
  output.pipe(process.stdout, { end: false });
  if (!follow) {
    const text = await container.logs({ ...selection, follow: false });
    const whole = new PassThrough();
    engine.modem.demuxStream(whole, output, output);
    whole.end(text);
    return;
  }
  const stream = await container.logs({ ...selection, follow: true });
  engine.modem.demuxStream(stream, output, output);
  await new Promise<void>((resolve) => {
    stream.once("end", resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    process.stdout.once("error", () => resolve());
  });
}
