import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { abortable } from "../lib/abortable.ts";
import type { SnapshotPolicy } from "../config/configuration.ts";
import type { ContainerSpec, Mount } from "../engine/container-spec.ts";
import { createContainer, removeContainer, startContainer } from "../engine/containers.ts";
import { type Engine, isEngineError } from "../engine/connect.ts";
import { execute, openSession } from "../engine/exec.ts";
import type { Labels } from "../engine/labels.ts";
import { type SessionShell, startShell } from "../engine/shell.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import { buildEnvironmentOf } from "../build/build-environment.ts";
import type { Instance } from "../instance/instance.ts";
import { telling } from "../instance/waiting.ts";
import { ensureOwnImage } from "../build/own-images.ts";
import {
  givenFolder,
  newRepositoryFolder,
  outside,
  secretsFolder,
  secretsOf,
} from "./restic-secrets.ts";
import { shellCommand } from "../lib/script.ts";

const prepare = "/opt/updater/prepare.sh";
const jailed = "/opt/updater/jailed.sh";
/** For the site's own configuration file, which no volume holds. */
export const siteFolder = "/run/site";

/** What restic ended with, in its own words. */
export class ResticError extends Error {
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly limitMs?: number;
  /** Told each line of its standard output. */
  readonly line?: (line: string) => void;
  /** Take what it could not read for lost, rather than let it try again for minutes. */
  readonly giveUp?: boolean;
  /** Told each line of its standard error. */
  readonly complaint?: (line: string) => void;
  /** Exit statuses that are no error; 0 when absent. */
  readonly accept?: readonly number[];
}

interface ResticPlace {
  readonly name: string;
  readonly labels: Labels;
  readonly mounts?: readonly Mount[];
  /** Of the repository. */
  readonly readOnly: boolean;
  /** Users come first. */
  readonly background?: true;
  /** It ends and goes with the connection to it, whatever becomes of us. */
  readonly tied?: true;
}

/** A container in which restic knows its repository, and how to open it. */
export type Restic = ReturnType<typeof resticIn>;

/**
 * Starts it; there is one image for all instances, built when it is first needed.
 * @throws UpdaterError `baseImageMissing`, `buildFailed`, `snapshotRepository`
 */
export async function openRestic(
  instance: Instance,
  policy: SnapshotPolicy,
  place: ResticPlace,
): Promise<Restic> {
  const { engine, name, configuration, reporter } = instance;
  const environment = await buildEnvironmentOf(configuration);
  const image = await ensureOwnImage(engine, "snapshots", environment, reporter);
  const folder = policy.place === "folder";
  const repositoryFolder = newRepositoryFolder();
  const spec = containerOf(name, policy, place, { image, repositoryFolder });
  let life: SessionShell | undefined;
  try {
    if (place.tied) life = await startShell(engine, await createContainer(engine, spec));
    else await startContainer(engine, spec);
  } catch (error) {
    await removeContainer(engine, place.name);
    if (!folder || !isEngineError(error)) throw error;
    // Most likely it is on this machine, and the engine is another's.
    const { repository } = policy;
    const reason = messageOf(error);
    throw new UpdaterError("snapshotRepository", { repository, reason, perhapsNew: false }, error);
  }
  const restic = resticIn(instance, policy, { container: place.name, life, repositoryFolder });
  try {
    for (const [path, content] of await secretsOf(
      policy,
      repositoryFolder,
      configuration.build.caBundle,
    )) {
      await give(engine, place.name, path, content);
    }
    const { status, stderr } = await execute(engine, place.name, [prepare]);
    if (status !== 0) throw new Error(`${prepare}: ${stderr}`);
  } catch (error) {
    await restic.remove();
    throw error;
  }
  return restic;
}

/** The container, in which restic sees nothing but what it is to read. */
function containerOf(
  instance: string,
  policy: SnapshotPolicy,
  place: ResticPlace,
  { image, repositoryFolder }: { readonly image: string; readonly repositoryFolder: string },
): ContainerSpec {
  const folder = policy.place === "folder";
  return {
    name: place.name,
    image,
    labels: place.labels,
    ...(place.tied
      ? { entrypoint: ["/bin/sh"], interactive: true, autoRemove: true }
      : { entrypoint: ["sleep", "infinity"] }),
    hostname: hostOf(instance),
    mounts: [
      // Its cache, which the engine removes with it.
      { volume: "", path: "/scratch" },
      ...(folder
        ? [{ folder: policy.repository, path: repositoryFolder, readOnly: place.readOnly }]
        : []),
      ...(place.mounts ?? []),
    ].map((mount) => ({ ...mount, path: outside(mount.path) })),
    tmpfs: {
      [secretsFolder]: "mode=0700",
      [outside(siteFolder)]: "mode=0700",
      [outside(givenFolder)]: "mode=0700",
      [outside("/tmp")]: "",
      [outside("/dev")]: "",
    },
    network: folder ? "none" : "bridge",
    // Other people's files are read, and become theirs again.
    capabilities: ["DAC_OVERRIDE", "CHOWN", "FOWNER", "SYS_CHROOT"],
    background: place.background ?? false,
    stopSeconds: 0,
  };
}

/** By this name a lock in the repository is ours: under the instance's own lock there is no other. */
const hostOf = (instance: string) => `biomaid-${instance}`;

function resticIn(
  { engine, name, reporter, configuration }: Instance,
  { place, repository }: SnapshotPolicy,
  {
    container,
    life,
    repositoryFolder,
  }: {
    readonly container: string;
    readonly life: SessionShell | undefined;
    readonly repositoryFolder: string;
  },
) {
  const trusted = configuration.build.caBundle !== undefined;
  const restic = ["restic", ...(trusted ? ["--cacert", `${givenFolder}/ca_bundle`] : [])];
  /** With files of the repository by their names on the site's machine. */
  const called = (said: string) =>
    place === "folder" ? said.replaceAll(repositoryFolder, repository) : said;
  const within = { container, repository, called };
  const jailedRun = async (command: readonly string[], options: RunOptions) =>
    await runJailed({ engine, reporter }, within, command, options);
  return {
    container,
    /** What its locks name as their host. */
    host: hostOf(name),
    repository,
    tell: telling(reporter),
    /**
     * Runs restic to its end.
     * @returns its standard output
     * @throws ResticError
     */
    run: async (argv: readonly string[], options: RunOptions) =>
      await jailedRun([...restic, ...argv], options),
    /** The same of a shell command; `restic` there is what `run` runs. */
    async script(command: string, argv: readonly string[], options: RunOptions) {
      const words = restic.map((word) => `'${word}'`).join(" ");
      const whole = `restic() { command ${words} "$@"; }; ${command}`;
      return await jailedRun(shellCommand(whole, ...argv), options);
    },
    /** Writes a file into one of its folders in memory. */
    writeFile: async (path: string, content: Buffer | string) =>
      await give(engine, container, outside(path), content),
    async remove() {
      await removeContainer(engine, container);
      await life?.close();
    },
  };
}

/** Runs a command where restic is, to its end; files of the repository are told by the names that `called` knows. */
async function runJailed(
  { engine, reporter }: Pick<Instance, "engine" | "reporter">,
  within: {
    readonly container: string;
    readonly repository: string;
    readonly called: (said: string) => string;
  },
  command: readonly string[],
  { signal, limitMs, giveUp, line, complaint, accept = [0] }: RunOptions,
): Promise<string> {
  const lost = new AbortController();
  const session = await openSession(engine, within.container, [jailed, ...command]);
  const said: string[] = [];
  const errors = createInterface({ input: session.stderr }).on("line", (one) => {
    said.push(within.called(one));
    if (said.length > 20) said.shift();
    complaint?.(one);
    if (giveUp && /returned error, retrying/.test(one)) lost.abort();
    reporter.event({ type: "output", source: "snapshots", line: within.called(one) });
  });
  const printed = line ? eachLine(session.stdout, line) : text(session.stdout);
  // Its last words may come after its end is known.
  const ended = Promise.all([printed, session.ended, once(errors, "close")]);
  const late = limitMs === undefined ? [] : [AbortSignal.timeout(limitMs)];
  const patience = AbortSignal.any([lost.signal, ...late]);
  const failure = (status: number) => new ResticError(status, reasonIn(said, within.repository));
  try {
    const [output, status] = await abortable(AbortSignal.any([signal, patience]), ended);
    if (accept.includes(status)) return output;
    throw failure(status);
  } catch (error) {
    signal.throwIfAborted();
    if (lost.signal.aborted) throw failure(-1);
    if (error instanceof ResticError || !patience.aborted) throw error;
    said.push(`no answer within ${(limitMs ?? 0) / 1000} s`);
    throw failure(-1);
  }
}

async function give(
  engine: Engine,
  container: string,
  path: string,
  content: Buffer | string,
): Promise<void> {
  const session = await openSession(engine, container, shellCommand('umask 077; cat >"$1"', path));
  session.stdout.resume();
  session.stderr.resume();
  session.stdin.end(content);
  const status = await session.ended;
  if (status !== 0) throw new Error(`${path}: exit status ${status}`);
}

async function eachLine(stream: Readable, tell: (line: string) => void): Promise<string> {
  for await (const line of createInterface({ input: stream })) tell(line);
  return "";
}

/** What it does, and which place it means: the error says that better. */
const noise =
  /^(using temporary cache|create exclusive lock|load indexes|check |Is there a repository|sftp:|s3:)/;

/** What it said last that says why, without its own way of saying so. */
function reasonIn(said: readonly string[], repository: string): string {
  const meant = said
    .map((line) => line.replace(/^Fatal: /, "").trim())
    .filter((line) => line !== "" && line !== repository && !noise.test(line));
  return meant.slice(-3).join("\n  ");
}
