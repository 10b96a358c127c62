import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { SnapshotPolicy } from "../config/configuration.ts";
import type { Control } from "../instance/instance-lock.ts";
import type { Instance } from "../instance/instance.ts";
import { paths } from "../instance/names.ts";
import { UpdaterError } from "../errors.ts";
import { json } from "../lib/json.ts";
import type { Wait } from "../text/catalogue.ts";
import { type Restic, ResticError, type RunOptions } from "./restic.ts";
import { digestOf } from "./restic-secrets.ts";
import { repositoryError } from "./snapshots.ts";
import { readControl } from "../instance/read-instance.ts";

/** What the first question may take, milliseconds. */
const greetingLimitMs = 60_000;
/** How long another site's updater may keep the repository to itself, milliseconds. */
const othersLimitMs = 30 * 60_000;
const othersIntervalMs = 5_000;

/** Where in the control volume it is written down that a repository was there. */
const marks = "snapshots";

/** Whether a repository was ever opened from here. */
export async function wasOpened(
  { engine, name }: Pick<Instance, "engine" | "name">,
  policy: SnapshotPolicy,
): Promise<boolean> {
  return (await readControl(engine, name, [`${marks}/${digestOf(policy)}`])).size > 0;
}

/**
 * Opens the repository, or makes it where there was never one: a disk that is not mounted must not get another.
 * @throws UpdaterError `snapshotRepository`
 */
export async function openRepository(
  restic: Restic,
  policy: SnapshotPolicy,
  shell: Control["shell"],
  signal: AbortSignal,
): Promise<void> {
  const options: RunOptions = { signal, limitMs: greetingLimitMs };
  const seen = (await shell.run('if [ -e "$1" ]; then echo yes; fi', markOf(policy))) !== "";
  try {
    // First of all, while no later process can have the number of one that is dead.
    await restic.run(["unlock", "--quiet"], options);
  } catch (error) {
    const unanswered = error instanceof ResticError && error.status < 0;
    if (seen || unanswered) throw repositoryError(policy, error, { perhapsNew: false });
    await restic.run(["init", "--quiet"], options).catch((thrown: unknown) => {
      // It never takes the place of one: where there is one, what it was refused for counts.
      const reason = thrown instanceof ResticError ? error : thrown;
      throw repositoryError(policy, reason, { perhapsNew: false });
    });
  }
  await noteOpened(policy, shell);
}

/** Writes down that the repository was there. */
export async function noteOpened(policy: SnapshotPolicy, shell: Control["shell"]): Promise<void> {
  await shell.run('mkdir -p "$1" && : >"$2"', `${paths.control}/${marks}`, markOf(policy));
}

const markOf = (policy: SnapshotPolicy) => `${paths.control}/${marks}/${digestOf(policy)}`;

/**
 * Runs restic; while another host has locked the repository it waits, tells so, and tries again.
 * @throws ResticError, UpdaterError `waitedTooLong` for that host after half an hour
 */
export async function retryWhileLocked(
  restic: Restic,
  argv: readonly string[],
  signal: AbortSignal,
  options: Omit<RunOptions, "signal"> = {},
): Promise<string> {
  const deadline = performance.now() + othersLimitMs;
  const since = new Date().toISOString();
  let awaited: Wait | undefined;
  const attempts = async () => {
    for (;;) {
      try {
        return await restic.run(argv, { signal, ...options });
      } catch (error) {
        if (!(error instanceof ResticError)) throw error;
        const host = await lockedBy(restic, signal);
        if (host === undefined) throw error;
        awaited = { kind: "snapshots", since, repository: restic.repository, host };
        if (performance.now() > deadline) {
          const seconds = othersLimitMs / 1000;
          throw new UpdaterError("waitedTooLong", { seconds, awaited }, error);
        }
        await delay(othersIntervalMs, undefined, { signal });
        awaited = undefined;
      }
    }
  };
  return await restic.tell(() => awaited, attempts());
}

const lock = z.object({ hostname: z.string() });

/** The host that has locked the repository; undefined when only we have, or nobody. */
async function lockedBy(restic: Restic, signal: AbortSignal): Promise<string | undefined> {
  const ids = linesOf(await restic.run(["list", "locks", "--quiet", "--no-lock"], { signal }));
  for (const id of ids) {
    const argv = ["cat", "lock", id, "--quiet", "--no-lock"];
    // One that has just gone counts no more.
    const found = await restic.run(argv, { signal, accept: [0, 1] });
    const { data } = json(lock).safeParse(found);
    if (data && data.hostname !== restic.host) return data.hostname;
  }
  return undefined;
}

export const linesOf = (text: string) => text.split("\n").filter(Boolean);
