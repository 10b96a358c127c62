import { setTimeout as delay } from "node:timers/promises";
import { isConflict, isMissing } from "../engine/connect.ts";
import { optionsOf, removeContainer } from "../engine/containers.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { startShell } from "../engine/shell.ts";
import { UpdaterError } from "../errors.ts";
import { keepFile, replaceFile } from "./instance-lock.ts";
import type { Instance } from "./instance.ts";
import { paths } from "./names.ts";

/** How long others may take to write, milliseconds. */
const patience = 60_000;
/** A container that was created and not started after so long belongs to a process that died in between. */
export const abandonedAfter = 10_000;

/**
 * Changes a file of the control volume that does not belong to an operation, while nobody else changes one.
 * @param change of its content, "" when there is none
 */
export async function changeBook(
  instance: Instance,
  image: string,
  file: string,
  {
    change,
    log,
  }: {
    readonly change: (content: string) => unknown;
    readonly log?: {
      readonly folder: string;
      readonly id: string;
      readonly text: string;
      readonly count: number;
    };
  },
): Promise<void> {
  const shell = await openShell(instance, image);
  try {
    if (log) await keepFile(shell, log.folder, `${log.id}.log`, log.text, log.count);
    const content = await shell.run(`cat ${paths.control}/${file} 2>/dev/null || true`);
    await replaceFile(shell, file, change(content), { durable: true });
  } finally {
    await shell.close();
  }
}

/** The lock, and the shell that writes: it ends with the connection of whoever has it. */
async function openShell({ engine, name, names }: Instance, image: string) {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      const container = await engine.createContainer(
        optionsOf({
          name: names.book,
          image,
          labels: labelsOf(name, "book"),
          entrypoint: ["/bin/sh"],
          user: "0:0",
          interactive: true,
          autoRemove: true,
          mounts: [{ volume: names.control, path: paths.control }],
        }),
      );
      return await startShell(engine, container);
    } catch (error) {
      if (!isConflict(error) || performance.now() > deadline) throw error;
    }
    await removeAbandoned({ engine, name, names });
    await delay(50);
  }
}

async function removeAbandoned({
  engine,
  name,
  names,
}: Pick<Instance, "engine" | "name" | "names">): Promise<void> {
  try {
    const { Config, State, Created } = await engine.getContainer(names.book).inspect();
    if (Config.Labels[label.instance] !== name) {
      throw new UpdaterError("foreignContainer", { container: names.book });
    }
    const young = Date.now() - Date.parse(Created) < abandonedAfter;
    if (!State.Running && !young) await removeContainer(engine, names.book);
  } catch (error) {
    // It went while we looked.
    if (!isMissing(error)) throw error;
  }
}
