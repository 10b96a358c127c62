import { labelsOf } from "../engine/labels.ts";
import { takeName } from "../engine/named-lock.ts";
import { type SessionShell, startShell } from "../engine/shell.ts";
import { until } from "../lib/until.ts";
import { keepFile, replaceFile } from "./instance-lock.ts";
import type { Instance } from "./instance.ts";
import { paths } from "./names.ts";
import { userAndGroup, users } from "./users.ts";

/** How long others may take to write. */
const othersLimitMs = 60_000;

/** The log of one thing that is written down in a file, kept beside it. */
interface KeptLog {
  readonly folder: string;
  readonly id: string;
  readonly text: string;
  /** How many are kept in its folder. */
  readonly count: number;
}

/**
 * Changes a file of the control volume that does not belong to an operation, while no other process changes one.
 * @param change of its content, "" when there is none
 */
export async function changeLockedFile(
  instance: Instance,
  image: string,
  file: string,
  change: (content: string) => unknown,
  log?: KeptLog,
): Promise<void> {
  const shell = await openShell(instance, image);
  try {
    if (log) await keepFile(shell, log.folder, `${log.id}.log`, log.text, log.count);
    const content = await shell.run('cat "$1" 2>/dev/null || true', `${paths.control}/${file}`);
    await replaceFile(shell, file, change(content), { durable: true });
  } finally {
    await shell.close();
  }
}

/** The lock, and the shell that writes: it ends with the connection of the process that has it. */
async function openShell({ engine, name, names }: Instance, image: string): Promise<SessionShell> {
  const spec = {
    name: names.lockedFileShell,
    image,
    labels: labelsOf(name, "book"),
    entrypoint: ["/bin/sh"],
    user: userAndGroup(users.root),
    interactive: true,
    autoRemove: true,
    mounts: [{ volume: names.control, path: paths.control }],
  };
  let id = "";
  const taken = async () => {
    const answer = await takeName(engine, spec);
    if ("id" in answer) ({ id } = answer);
    return "id" in answer;
  };
  await until(taken, { intervalMs: 50, limitMs: othersLimitMs });
  return await startShell(engine, id);
}
