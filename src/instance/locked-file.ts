import { labelsOf } from "../engine/labels.ts";
import { startShell } from "../engine/shell.ts";
import { UpdaterError } from "../errors.ts";
import { until } from "../lib/until.ts";
import type { Wait } from "../text/catalogue.ts";
import { type Held, takeLock } from "./held-lock.ts";
import { holderLabels, holderOf, keepFile, replaceFile } from "./instance-lock.ts";
import type { Instance } from "./instance.ts";
import { paths } from "./names.ts";
import { userAndGroup, users } from "./users.ts";
import { fromNow, tellWaiting } from "./waiting.ts";

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
 * @throws UpdaterError `waitedTooLong` for who does, after a minute
 */
export async function changeLockedFile(
  instance: Instance,
  image: string,
  file: string,
  change: (content: string) => unknown,
  log?: KeptLog,
): Promise<void> {
  const { id, giveBack } = await takeFileLock(instance, image, file);
  try {
    const shell = await startShell(instance.engine, id);
    try {
      if (log) await keepFile(shell, log.folder, `${log.id}.log`, log.text, log.count);
      const content = await shell.run('cat "$1" 2>/dev/null || true', `${paths.control}/${file}`);
      await replaceFile(shell, file, change(content), { durable: true });
    } finally {
      await shell.close();
    }
  } finally {
    // Where it cannot be removed, whoever comes next does that.
    await giveBack().catch(() => undefined);
  }
}

/** The lock, whose shell writes: it ends with the connection of the process that has it. */
async function takeFileLock(
  { engine, name, names, reporter }: Instance,
  image: string,
  file: string,
): Promise<Held> {
  const spec = {
    name: names.lockedFileShell,
    image,
    labels: { ...labelsOf(name, "book"), ...holderLabels(file) },
    entrypoint: ["/bin/sh"],
    user: userAndGroup(users.root),
    interactive: true,
    autoRemove: true,
    mounts: [{ volume: names.control, path: paths.control }],
  };
  const began = fromNow();
  let awaited: Wait = { kind: "operation", operation: file, holder: "?", since: began };
  let lock: Held | undefined;
  const taken = async () => {
    const answer = await takeLock(engine, spec);
    if ("holder" in answer) {
      const { labels, createdAt } = answer.holder;
      awaited = { kind: "operation", ...holderOf(labels, createdAt) };
      return false;
    }
    lock = answer;
    return true;
  };
  const otherwise = () => {
    throw new UpdaterError("waitedTooLong", { seconds: othersLimitMs / 1000, awaited });
  };
  const free = until(taken, { intervalMs: 50, limitMs: othersLimitMs, otherwise });
  await tellWaiting(reporter, () => awaited, free);
  return lock ?? otherwise();
}
