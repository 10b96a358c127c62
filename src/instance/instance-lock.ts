import { hostname, userInfo } from "node:os";
import type { Engine } from "../engine/connect.ts";
import type { ContainerSpec } from "../engine/container-spec.ts";
import { type ContainerState, createContainer, removeContainer } from "../engine/containers.ts";
import { label, type Labels, labelsOf } from "../engine/labels.ts";
import { holderOfName } from "../engine/named-lock.ts";
import { type SessionShell, type Shell, startShell } from "../engine/shell.ts";
import { isError, UpdaterError } from "../errors.ts";
import { scriptBeside } from "../lib/script.ts";
import { isDeserted, takeLock } from "./held-lock.ts";
import type { Journal } from "./journal.ts";
import { namesOf, paths } from "./names.ts";
import { ownSlots, slots } from "./slot.ts";
import type { State } from "./state.ts";
import { userAndGroup, users } from "./users.ts";

const placeScript = scriptBeside(import.meta.url, "place-file.sh");
const clearJournalScript = scriptBeside(import.meta.url, "clear-journal.sh");
const keepScript = scriptBeside(import.meta.url, "keep-file.sh");

/** The lock of an instance, held, with the shell that is allowed to move its pointers. */
export type Control = Awaited<ReturnType<typeof takeInstanceLock>>;

/** Who does what with an instance, since when (ISO 8601). */
export interface Holder {
  readonly operation: string;
  readonly holder: string;
  readonly since: string;
}

export interface LockRequest {
  readonly instance: string;
  /** Of the container that is the lock. */
  readonly image: string;
  /** As it is shown to the operator who is refused: "swap 0.8.1". */
  readonly operation: string;
}

/**
 * Holds the lock of an instance while `work` is done: a container, whose name only one can have, that lives exactly as
 * long as the connection to the process that created it. However that process ends, its lock ends; where an engine that
 * was restarted keeps it all the same, whoever comes next removes it.
 * @throws UpdaterError `locked`, naming the holder
 */
export async function withInstanceLock<Result>(
  engine: Engine,
  request: LockRequest,
  work: (control: Control) => Promise<Result>,
): Promise<Result> {
  const control = await takeInstanceLock(engine, request);
  try {
    return await work(control);
  } finally {
    await control.release();
  }
}

/** As `withInstanceLock`; nothing is done, and nothing returned, when anyone else holds the lock. */
export async function tryInstanceLock<Result>(
  engine: Engine,
  request: LockRequest,
  work: (control: Control) => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await withInstanceLock(engine, request, work);
  } catch (error) {
    if (isError(error, "locked")) return undefined;
    throw error;
  }
}

async function takeInstanceLock(engine: Engine, request: LockRequest) {
  const taken = await takeLock(engine, lockSpec(request));
  if ("holder" in taken) throw lockedBy(request.instance, taken.holder);
  const { id, giveBack } = taken;
  try {
    return await controlOf(engine, request, await startShell(engine, id), giveBack);
  } catch (error) {
    await giveBack().catch(() => undefined);
    throw error;
  }
}

async function controlOf(
  engine: Engine,
  { instance, image }: LockRequest,
  session: SessionShell,
  giveBack: () => Promise<void>,
) {
  const shell: Shell = session;
  let media: Promise<MediaShell> | undefined;
  await ownSlots(shell);
  await shell.run('chown "$1" "$2"', String(users.gate), paths.gate);
  // Root's and sticky: an application adds what it likes, and cannot replace what is ours among it.
  const shared = 'chown "$1" "$2" && chmod "$3" "$2"';
  await shell.run(shared, `${users.root}:${users.application}`, paths.media, "01775");
  await shell.run(shared, String(users.root), paths.backups, "01777");
  const endMediaShell = async () => {
    const opening = media?.catch(() => undefined);
    media = undefined;
    const opened = await opening;
    // By its id, as the lock.
    if (opened) await removeContainer(engine, opened.id);
  };
  return {
    shell,
    /**
     * Another one, that reaches the media and nothing else: where an application may have put links, a path
     * leads anywhere. Opened at its first use.
     */
    media: async (): Promise<Shell> => {
      media ??= openMediaShell(engine, instance, image).catch((error: unknown) => {
        // Undoing what needed it needs another one.
        media = undefined;
        throw error;
      });
      return (await media).shell;
    },
    /** Ends whatever that one still does. */
    endMediaShell,
    async writeState(state: State) {
      await replaceFile(shell, "state.json", state, { durable: true });
    },
    /**
     * Writes down what is about to be done.
     * @param durable whether it must survive a power cut (costs a few milliseconds), and not only our death
     */
    async writeJournal(journal: Journal, options: { durable: boolean }) {
      await replaceFile(shell, "journal.json", journal, options);
    },
    /** Removes the journal of this operation; another one's says what is left of that. */
    async clearJournal(id: string) {
      await shell.run(clearJournalScript, paths.control, id);
    },
    /** Keeps the log of a finished operation, and of those before it. */
    async writeLog(id: string, text: string) {
      await keepFile(shell, "logs", `${id}.log`, text, 20);
    },
    /** Keeps the report of a rehearsal, and of those before it. */
    async writeReport(id: string, text: string) {
      await keepFile(shell, "rehearsals", `${id}.json`, text, 10);
    },
    async release() {
      try {
        // Whatever it still does was given up, and may take for ever.
        await endMediaShell();
        await session.close();
      } finally {
        await giveBack();
      }
    },
  };
}

function lockSpec({ instance, image, operation }: LockRequest): ContainerSpec {
  const names = namesOf(instance);
  return {
    ...rootShell(image),
    name: names.control,
    labels: { ...labelsOf(instance, "control"), ...holderLabels(operation) },
    mounts: [
      { volume: names.control, path: paths.control },
      { volume: names.gateVolume, path: paths.gate },
      { volume: names.media, path: paths.media },
      { volume: names.backups, path: paths.backups },
      ...slots.map((slot) => ({ volume: names.slot(slot), path: paths.slot(slot) })),
    ],
  };
}

/** A shell that may give files away, and ends with the connection to it. */
const rootShell = (image: string) =>
  ({
    image,
    entrypoint: ["/bin/sh"],
    user: userAndGroup(users.root),
    capabilities: ["CHOWN", "DAC_OVERRIDE", "FOWNER"],
    interactive: true,
    autoRemove: true,
  }) satisfies Partial<ContainerSpec>;

/** What a lock says of its holder, to the operator who is refused. */
export function holderLabels(operation: string): Labels {
  return {
    [label.operation]: operation,
    [label.holder]: `${userInfo().username}@${hostname()} (${process.pid})`,
    [label.since]: new Date().toISOString(),
  };
}

/** Who has begun an operation, which, and when; of the labels of a container that was created then. */
export function holderOf(labels: Labels, createdAt: string): Holder {
  return {
    operation: labels[label.operation] ?? "?",
    holder: labels[label.holder] ?? "?",
    since: labels[label.since] ?? createdAt,
  };
}

/** The container that is the lock of an instance; undefined when it is free, or its holder is dead. */
export async function findLock(engine: Engine, instance: string) {
  const lock = await holderOfName(engine, namesOf(instance).control, instance);
  return lock && !(await isDeserted(engine, lock)) ? lock : undefined;
}

export function lockedBy(
  instance: string,
  { labels, createdAt }: Pick<ContainerState, "labels" | "createdAt">,
): UpdaterError {
  return new UpdaterError("locked", { instance, ...holderOf(labels, createdAt) });
}

interface MediaShell {
  readonly id: string;
  readonly shell: Shell;
}

async function openMediaShell(
  engine: Engine,
  instance: string,
  image: string,
): Promise<MediaShell> {
  const names = namesOf(instance);
  const id = await createContainer(engine, {
    ...rootShell(image),
    name: names.mediaShell,
    labels: labelsOf(instance, "media"),
    mounts: [{ volume: names.media, path: paths.media }],
  });
  return { id, shell: await startShell(engine, id) };
}

/** Written beside and renamed, each reaching the disk first: a power cut leaves the old or the new. */
export async function replaceFile(
  shell: Shell,
  file: string,
  value: unknown,
  { durable }: { durable: boolean },
): Promise<void> {
  await placeFile(shell, paths.control, file, JSON.stringify(value, null, 2), { durable });
}

/** Replaces a file at once: a reader sees the old one, or the new one whole. */
export async function placeFile(
  shell: Shell,
  folder: string,
  file: string,
  text: string,
  { durable }: { durable: boolean },
): Promise<void> {
  await shell.run(placeScript, folder, file, base64(text), durable ? "durable" : "fast");
}

/** Writes a file into a folder of the control volume, and deletes all but the newest `count` there. */
export async function keepFile(
  shell: Shell,
  folder: string,
  file: string,
  text: string,
  count: number,
): Promise<void> {
  await shell.run(keepScript, `${paths.control}/${folder}`, file, base64(text), String(count));
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
