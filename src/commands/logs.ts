import { copyLog } from "../engine/container-output.ts";
import { UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { readControlFile, readInstance, type InstanceView } from "../instance/read-instance.ts";
import { servingGeneration } from "../instance/serving.ts";
import { type Command, openInstance } from "./command.ts";

export interface LogOptions {
  readonly follow?: boolean;
  /** Lines. */
  readonly tail?: number;
  /** An operation's id; true for the last one. */
  readonly operation?: string | true;
}

export const logsCommand =
  ({ follow = false, tail = 200, operation }: LogOptions): Command =>
  async (environment) => {
    const instance = await openInstance(environment, { recover: false });
    const view = await readInstance(instance.engine, instance.name);
    if (operation === undefined) {
      const { engine, names } = instance;
      const { number, bareMetal } = servingGeneration(view);
      if (bareMetal) {
        const { sources: folder, service = null } = bareMetal;
        throw new UpdaterError("logsOnMachine", { folder, service });
      }
      const how = { follow, tail, signal: environment.signal };
      await copyLog(engine, names.application(number), process.stdout, how);
    } else {
      const log = await operationLog(instance, view, operation);
      environment.print(log.trimEnd(), { type: "log", log });
    }
  };

async function operationLog(
  { engine, name }: Instance,
  { state }: InstanceView,
  wanted: string | true,
): Promise<string> {
  const id = wanted === true ? (state.history.at(-1)?.id ?? "") : wanted;
  const known = state.history.some((operation) => operation.id === id);
  const log = known ? await readControlFile(engine, name, `logs/${id}.log`) : undefined;
  if (log === undefined) throw new UpdaterError("operationUnknown", { id });
  return log;
}
