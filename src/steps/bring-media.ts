import { lstat, readlink, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { Engine } from "../engine/connect.ts";
import { removeContainer, removeContainers, startContainer } from "../engine/containers.ts";
import { execute, openSession } from "../engine/exec.ts";
import { labelsOf } from "../engine/labels.ts";
import { mountOf } from "../engine/own-container.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { paths } from "../instance/names.ts";
import type { MachineFolder } from "../instance/state.ts";
import { userAndGroup, users } from "../instance/users.ts";
import { abortable } from "../lib/abortable.ts";
import { scriptBeside, shellCommand } from "../lib/script.ts";
import type { OperationContext } from "../runner/context.ts";
import { freeBytes, spare } from "../runner/preflight.ts";
import type { Step } from "../runner/step.ts";

const script = scriptBeside(import.meta.url, "bring-media.sh");

/** Where the folder is in the container that copies. */
const inside = "/from";

/** Bytes that stay free on a machine to which media go back. */
const leastSpare = 100_000_000;

/** Bytes that tar counts as one. */
const recordBytes = 10_240;

/** A folder of this machine, which may be another one than the engine's. */
export interface MediaFolder extends MachineFolder {
  /** Device and file, by which it is the same one on the engine's machine. */
  readonly id: string;
}

/**
 * Looks at a folder of media before anything is made for it.
 * @throws UpdaterError `mediaFolder` where there is none
 */
export async function findMedia(engine: Engine, path: string): Promise<MediaFolder> {
  const folder = resolve(path);
  try {
    const found = await stat(folder, { bigint: true });
    if (!found.isDirectory()) throw new Error(`ENOTDIR: not a directory, '${folder}'`);
    const id = `${found.dev}:${found.ino}`;
    const mount = await mountOf(engine, folder);
    const { base, rest, ...reader } = await reach(mount?.folder ?? "/", folder, !mount);
    const source = mount ? join(mount.source, relative(mount.folder, base)) : base;
    return { folder, id, base: source, rest, ...reader };
  } catch (error) {
    throw new UpdaterError("mediaFolder", { folder, reason: messageOf(error) }, error);
  }
}

/**
 * How far root alone decides where a path leads; from there on that is up to whoever comes next.
 * @param follow whether root's links are followed
 */
async function reach(
  from: string,
  to: string,
  follow: boolean,
): Promise<Pick<MediaFolder, "base" | "rest" | "uid" | "gid">> {
  let base = from;
  for (;;) {
    const rest = relative(base, to);
    const { mode, uid: owner, gid: group } = await stat(base);
    if (rest === "" || owner !== users.root) return { base, rest, uid: owner, gid: group };
    const next = join(base, rest.split("/")[0]!);
    const found = await lstat(next);
    const { uid, gid } = found;
    const isOpen = (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
    if (uid !== users.root || isOpen) return { base, rest, uid, gid };
    if (found.isSymbolicLink()) {
      if (!follow) return { base, rest, uid, gid };
      const target = resolve(base, await readlink(next));
      return await reach("/", join(target, relative(next, to)), follow);
    }
    base = next;
  }
}

/** Copies a folder of media into those of a new site. What is there already goes with the site if this is undone. */
export const bringMedia: Step<
  Pick<OperationContext, "instance"> & {
    readonly media: MediaFolder | undefined;
    readonly proxyImage: string;
  },
  Pick<OperationContext, "instance">
> = {
  name: "bring-media",

  async apply({ instance, media, proxyImage }, signal) {
    if (!media) return;
    const copy = { image: proxyImage, machine: media, id: media.id, pass: "only" } as const;
    const links = await copyFiles(instance, { ...copy, into: "volume" }, signal);
    if (links === 0) return;
    const error = new UpdaterError("mediaLinks", { folder: media.folder, links });
    instance.reporter.event({ type: "warning", error });
  },

  undo: endCopying,
};

/** Ends whoever copies media at this moment. */
export async function endCopying({
  instance: { engine, name },
}: Pick<OperationContext, "instance">): Promise<void> {
  await removeContainers(engine, labelsOf(name, "media"));
}

/** Between a folder of the machine and the media of a site. */
interface Copy {
  /** Of the container that copies: one with `tar` and `setpriv`. */
  readonly image: string;
  readonly machine: MachineFolder;
  /** Device and file of the folder, where it is known: it must be the same one on the engine's machine. */
  readonly id?: string;
  readonly into: "volume" | "machine";
  /** The first of two, beside users; the second, while they wait; or the only one. */
  readonly pass: "first" | "held" | "only";
}

/**
 * Copies what is not there yet, or is another file there.
 * @returns how many links lead to nothing where it was copied to
 * @throws UpdaterError `mediaElsewhere`, `mediaNotBrought`, `roomTooSmall`
 */
export async function copyFiles(
  instance: Instance,
  copy: Copy,
  signal: AbortSignal,
): Promise<number> {
  const container = await startCopier(instance, copy);
  try {
    return await copyIn(instance, container, copy, signal);
  } finally {
    await removeContainer(instance.engine, container);
  }
}

/** Does all that copying takes but for what is copied: so long takes a pass that finds nothing new. */
export async function lookOver(instance: Instance, copy: Copy, signal: AbortSignal): Promise<void> {
  const container = await startCopier(instance, copy);
  try {
    const { command } = copyingIn(copy);
    await abortable(signal, execute(instance.engine, container, command("measure")));
  } finally {
    await removeContainer(instance.engine, container);
  }
}

const elsewhere = ({ machine: { folder } }: Copy, cause?: unknown) =>
  new UpdaterError("mediaElsewhere", { folder }, cause);

async function startCopier({ engine, name, names }: Instance, copy: Copy): Promise<string> {
  const started = startContainer(engine, {
    name: names.mediaCopier,
    image: copy.image,
    labels: labelsOf(name, "media"),
    entrypoint: ["sleep", "infinity"],
    user: userAndGroup(users.root),
    capabilities: ["DAC_OVERRIDE", "SETUID", "SETGID"],
    mounts: [
      { folder: copy.machine.base, path: inside, readOnly: copy.into === "volume" },
      { volume: names.media, path: paths.media, readOnly: copy.into === "machine" },
    ],
    tmpfs: { "/tmp": "" },
    stopSeconds: 0,
  });
  return await started.catch((error: unknown) => {
    throw /bind source path does not exist/.test(String(error)) ? elsewhere(copy, error) : error;
  });
}

/** What is run in the container that copies, and which folder it copies into. */
function copyingIn({ machine: { rest, uid, gid }, into: place }: Copy) {
  const machine = [join(inside, rest), `${uid}:${gid}`] as const;
  const site = [paths.media, userAndGroup(users.application)] as const;
  const [from, into] = place === "volume" ? [machine, site] : [site, machine];
  const command = (name: string) => shellCommand(script, name, ...from, ...into);
  return { command, into: into[0] };
}

async function copyIn(
  { engine, reporter }: Instance,
  container: string,
  copy: Copy,
  signal: AbortSignal,
): Promise<number> {
  const { folder, uid } = copy.machine;
  const { command: run, into } = copyingIn(copy);
  let total = 0;
  // Who waits has nothing new to be told.
  if (copy.pass !== "held") {
    const measured = execute(engine, container, run("measure"));
    const [there, bytes] = (await abortable(signal, measured)).stdout.split("\n");
    // Whoever may not even get there says why when it is copied.
    if (copy.id !== undefined && there !== "none" && there !== copy.id) throw elsewhere(copy);
    total = Number(bytes);
    // The engine's disk has more to take in than media.
    const more = copy.into === "volume" ? spare : Math.min(total, leastSpare);
    await refuseLittleRoom(engine, container, into, total + more);
  }
  const program = run({ only: "copy", first: "copy-live", held: "copy-rest" }[copy.pass]);
  const session = await openSession(engine, container, program);
  session.stdin.end();
  const said = text(session.stdout);
  const complaints: string[] = [];
  createInterface({ input: session.stderr }).on("line", (line) => {
    const records = /^tar: (\d+)$/.exec(line)?.[1];
    if (records === undefined) complaints.push(line);
    else {
      const done = Math.min(Number(records) * recordBytes, total);
      reporter.event({ type: "progress", step: "bring-media", done, total, unit: "bytes" });
    }
  });
  const status = await abortable(signal, session.ended);
  const result = (await said).trim();
  if (status !== 0) {
    const reason = shortReason([...result.split("\n"), ...complaints]);
    throw new UpdaterError("mediaNotBrought", { folder, uid, reason });
  }
  return Number(result);
}

async function refuseLittleRoom(
  engine: Engine,
  container: string,
  folder: string,
  needed: number,
): Promise<void> {
  const free = await freeBytes(engine, container, folder);
  if (free < needed) throw new UpdaterError("roomTooSmall", { resource: "disk", needed, free });
}

/** The first few of what a program complains about. */
function shortReason(lines: readonly string[]): string {
  const said = lines.filter((line) => line !== "");
  const more = said.length > 3 ? [`… ${said.length - 3}`] : [];
  return [...said.slice(0, 3), ...more].join("\n  ");
}
