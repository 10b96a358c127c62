import { hostname, userInfo } from "node:os";
import { type Engine, isConflict, isMissing } from "../engine/connect.ts";
import { createContainer, optionsOf, removeContainer } from "../engine/containers.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { type SessionShell, type Shell, startShell } from "../engine/shell.ts";
import { UpdaterError } from "../errors.ts";
import { namesOf, paths, slotCount } from "./names.ts";
import type { Journal } from "./journal.ts";
import type { State } from "./state.ts";

/** Uids of the programs that own what the control shell creates for them. */
const uid = { application: 10001, gate: 10003 } as const;

/** The lock of an instance, held, with the shell that is allowed to move its pointers. */
export interface Control {
  readonly shell: Shell;
  /**
   * Another one, that reaches the media and nothing else: where an application may have put links, a path
   * leads anywhere. Opened at its first use.
   */
  media(): Promise<Shell>;
  writeState(state: State): Promise<void>;
  /**
   * Writes down what is about to be done.
   * @param durable whether it must survive a power cut (costs a few milliseconds), and not only our death
   */
  writeJournal(journal: Journal, options: { durable: boolean }): Promise<void>;
  /** Nothing is under way any more. */
  clearJournal(): Promise<void>;
  /** Keeps the log of a finished operation, and of the twenty before it. */
  writeLog(id: string, text: string): Promise<void>;
  /** Keeps the report of a rehearsal, and of the nine before it. */
  writeReport(id: string, text: string): Promise<void>;
  /** Releases the lock. */
  release(): Promise<void>;
}

/**
 * Takes the lock of an instance: a container, whose name only one can have, that lives exactly as long
 * as the connection to the process that created it. However that process ends, its lock ends.
 * @throws UpdaterError `locked`, naming the holder
 */
export async function takeControl(
  engine: Engine,
  { instance, image, operation }: { instance: string; image: string; operation: string },
): Promise<Control> {
  const names = namesOf(instance);
  const container = await createLock(engine, instance, {
    ...optionsOf({
      name: names.control,
      image,
      labels: {
        ...labelsOf(instance, "control"),
        [label.operation]: operation,
        [label.holder]: `${userInfo().username}@${hostname()} (${process.pid})`,
        [label.since]: new Date().toISOString(),
      },
      entrypoint: ["/bin/sh"],
      user: "0:0",
      capabilities: ["CHOWN", "DAC_OVERRIDE", "FOWNER"],
      interactive: true,
      autoRemove: true,
      mounts: [
        { volume: names.control, path: paths.control },
        { volume: names.gateVolume, path: paths.gate },
        { volume: names.media, path: paths.media },
        { volume: names.backups, path: paths.backups },
        ...Array.from({ length: slotCount }, (_, index) => ({
          volume: names.slot(index + 1),
          path: paths.slot(index + 1),
        })),
      ],
    }),
  });
  const shell = await startShell(engine, container);
  let media: Promise<SessionShell> | undefined;
  const slots = Array.from({ length: slotCount }, (_, index) => paths.slot(index + 1)).join(" ");
  await shell.run(
    `chown ${uid.application} ${slots} ${paths.media} && chown ${uid.gate} ${paths.gate} && chown 0 ${paths.backups} && chmod 1777 ${paths.backups}`,
  );
  return {
    shell,
    media: async () => await (media ??= openMediaShell(engine, instance, image)),
    async writeState(state) {
      await replaceFile(shell, "state.json", state, { durable: true });
    },
    async writeJournal(journal, options) {
      await replaceFile(shell, "journal.json", journal, options);
    },
    async clearJournal() {
      await shell.run(`cd ${paths.control} && rm -f journal.json && sync .`);
    },
    async writeLog(id, text) {
      await keepFile(shell, "logs", `${id}.log`, text, 20);
    },
    async writeReport(id, text) {
      await keepFile(shell, "rehearsals", `${id}.json`, text, 10);
    },
    async release() {
      await (await media)?.close();
      await shell.close();
      await removeContainer(engine, names.control);
    },
  };
}

async function openMediaShell(
  engine: Engine,
  instance: string,
  image: string,
): Promise<SessionShell> {
  const names = namesOf(instance);
  const container = await createContainer(engine, {
    name: names.mediaShell,
    image,
    labels: labelsOf(instance, "media"),
    entrypoint: ["/bin/sh"],
    user: "0:0",
    capabilities: ["CHOWN", "DAC_OVERRIDE", "FOWNER"],
    interactive: true,
    autoRemove: true,
    mounts: [{ volume: names.media, path: paths.media }],
  });
  return await startShell(engine, container);
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

/** Replaces a file at once: whoever looks sees the old one, or the new one whole. */
export async function placeFile(
  shell: Shell,
  folder: string,
  file: string,
  text: string,
  { durable }: { durable: boolean },
): Promise<void> {
  const content = Buffer.from(text).toString("base64");
  const sync = (path: string) => (durable ? ` && sync ${path}` : "");
  await shell.run(
    `cd ${folder} && echo ${content} | base64 -d >${file}.next${sync(`${file}.next`)} && mv -T ${file}.next ${file}${sync(".")}`,
  );
}

/** Writes a file into a folder of the control volume, and deletes all but the newest `count` there. */
export async function keepFile(
  shell: Shell,
  folder: string,
  file: string,
  text: string,
  count: number,
): Promise<void> {
  const content = Buffer.from(text).toString("base64");
  await shell.run(
    `mkdir -p ${paths.control}/${folder} && cd ${paths.control}/${folder} && echo ${content} | base64 -d >${file} && { ls -t | tail -n +${count + 1} | xargs -r rm --; }`,
  );
}

async function createLock(
  engine: Engine,
  instance: string,
  options: Parameters<Engine["createContainer"]>[0],
) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await engine.createContainer(options);
    } catch (error) {
      if (!isConflict(error)) throw error;
      await refuseIfHeld(engine, instance, attempt);
    }
  }
}

/** A lock that was created and never started belongs to a process that died in between. */
async function refuseIfHeld(engine: Engine, instance: string, attempt: number): Promise<void> {
  const name = namesOf(instance).control;
  try {
    const { Config, State, Created } = await engine.getContainer(name).inspect();
    const { Labels } = Config;
    if (Labels[label.instance] !== instance) {
      throw new UpdaterError("foreignContainer", { container: name });
    }
    const abandoned = !State.Running && Date.now() - Date.parse(Created) > 10_000;
    if (!abandoned || attempt > 1) {
      throw new UpdaterError("locked", {
        instance,
        operation: Labels[label.operation] ?? "?",
        holder: Labels[label.holder] ?? "?",
        since: Labels[label.since] ?? Created,
      });
    }
    await removeContainer(engine, name);
  } catch (error) {
    // It ended while we looked: the next attempt decides.
    if (!isMissing(error)) throw error;
  }
}
