import { join } from "node:path";
import type { ContainerSpec } from "../engine/container-spec.ts";
import { labelsOf } from "../engine/labels.ts";
import { isAbandoned, takeName } from "../engine/named-lock.ts";
import { holderLabels, lockedBy } from "../instance/instance-lock.ts";
import type { Instance } from "../instance/instance.ts";
import { programHere } from "./program-container.ts";

/**
 * Creates the container an operation runs in, with the files, the user and the network of the command. One that has
 * ended, and whose end was not read, makes room; one that runs does not.
 * @param operation as it is shown to the operator of a command that is refused meanwhile: "swap 0.8.1"
 * @returns its id; nothing where this engine cannot run programs of this machine
 * @throws UpdaterError `locked` while another operation runs in one
 */
export async function createOperator(
  instance: Instance,
  operation: string,
  argv: readonly string[],
): Promise<string | undefined> {
  const { engine, name, names } = instance;
  const main = join(import.meta.dirname, "..", "operator", "main.ts");
  const labels = { ...labelsOf(name, "operator"), ...holderLabels(operation) };
  const program = await programHere(instance, main, argv, {
    UPDATER_FOLDER: process.cwd(),
    UPDATER_SINCE: new Date().toISOString(),
    UPDATER_OPERATOR: names.operator,
    UPDATER_INSTANCE: name,
  });
  if (!program) return undefined;
  const spec: ContainerSpec = {
    ...program,
    name: names.operator,
    labels,
    interactive: true,
    // Until it has begun: one that cannot even start is not to be tried for ever.
    restart: "no",
    log: { size: 100, files: 2 },
  };
  const taken = await takeName(engine, spec, {
    replace: (holder) => holder.phase === "ended" || isAbandoned(holder),
  });
  if ("id" in taken) return taken.id;
  throw lockedBy(name, taken.holder);
}
