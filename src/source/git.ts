import { randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { execa } from "execa";
import { messageOf } from "../errors.ts";

/** What git may read of our environment: where programs, keys and proxies are, and nothing that redirects it. */
const passedOn =
  "PATH HOME USER SSH_AUTH_SOCK GIT_SSH_COMMAND SSL_CERT_FILE SSL_CERT_DIR " +
  "http_proxy https_proxy HTTPS_PROXY no_proxy NO_PROXY all_proxy ALL_PROXY";

export interface GitOptions {
  /** The file `writeGitConfig` wrote. */
  readonly config: string;
  readonly timeLimitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** A file: the command waits until no other of this machine runs with the same one. */
  readonly lock?: string;
  /** Told whether it waits for that. */
  readonly onLocked?: (locked: boolean) => void;
}

export interface GitResult {
  readonly done: boolean;
  readonly timedOut: boolean;
  /** Another has had the lock all the time. */
  readonly locked: boolean;
  readonly stdout: string;
  /** Git's own words; when it could not even be started, the reason. */
  readonly complaint: string;
}

/** Runs git to its end. Throws only when the signal is aborted. */
export async function runGit(args: readonly string[], options: GitOptions): Promise<GitResult> {
  return await runToEnd(["git", ...safely, ...args], options);
}

/** Removes what a git that was killed has left locked in a repository, whose writers must use the same lock. */
export async function unlock(
  gitDirectory: string,
  options: GitOptions & { readonly lock: string },
): Promise<GitResult> {
  return await runToEnd(
    ["find", gitDirectory, "-name", "*.lock", "-type", "f", "-delete"],
    options,
  );
}

/** What `flock` ends with where another has the lock; git has no such status. */
const lockedStatus = 213;

async function runToEnd(command: readonly string[], options: GitOptions): Promise<GitResult> {
  const { lock, timeLimitMs, onLocked } = options;
  if (lock === undefined) return await runOnce(command, options);
  // The kernel lifts the lock as the command ends, however it ends, and not before, whatever becomes of us.
  const flock = ["flock", "--close", "--conflict-exit-code", String(lockedStatus)];
  const tried = await runOnce([...flock, "--nonblock", lock, ...command], options);
  if (!tried.locked) return tried;
  onLocked?.(true);
  const patience = ["--timeout", String(timeLimitMs / 1000)];
  // With a time of its own: that it has waited is not the command's fault.
  const whole = { ...options, timeLimitMs: 2 * timeLimitMs };
  const waited = await runOnce([...flock, ...patience, lock, ...command], whole);
  onLocked?.(false);
  return waited;
}

async function runOnce(
  [program = "", ...args]: readonly string[],
  { config, timeLimitMs, signal, lock }: GitOptions,
): Promise<GitResult> {
  signal?.throwIfAborted();
  const result = await execa(program, args, {
    ...surroundings(config),
    timeout: timeLimitMs,
    ...(signal && { cancelSignal: signal }),
    killSignal: "SIGKILL",
    // Stopping git alone leaves its transport waiting for the server.
    killDescendants: true,
    reject: false,
    stripFinalNewline: false,
  });
  signal?.throwIfAborted();
  return {
    done: result.exitCode === 0,
    locked: lock !== undefined && result.exitCode === lockedStatus,
    timedOut: result.timedOut,
    stdout: result.stdout,
    complaint: result.stderr || messageOf(result.cause ?? ""),
  };
}

/** Git's output as a stream, which fails when git does. */
export function streamGit(args: readonly string[], options: GitOptions): Readable {
  const running = execa("git", [...safely, ...args], {
    ...surroundings(options.config),
    timeout: options.timeLimitMs,
    killDescendants: true,
    encoding: "buffer",
    buffer: { stdout: false },
  });
  return running.readable();
}

const safely = ["--no-replace-objects", "--no-optional-locks"];

/**
 * For repositories that may be hostile: no prompt, no hook, no program of the repository's choosing.
 * Repositories are named with `--git-dir`; nothing is looked for in the working directory.
 */
function surroundings(config: string) {
  const environment = passedOn.split(" ").flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    cwd: "/",
    stdin: "ignore",
    extendEnv: false,
    env: {
      GIT_SSH_COMMAND: "ssh -o BatchMode=yes -o ConnectTimeout=15",
      ...Object.fromEntries(environment),
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: config,
      GIT_TERMINAL_PROMPT: "0",
      GIT_ASKPASS: "true",
      SSH_ASKPASS: "true",
      // A partial clone would otherwise be completed by whatever its own settings say to run.
      GIT_NO_LAZY_FETCH: "1",
      LC_ALL: "C.UTF-8",
    },
  } as const;
}

/**
 * Settings for git, after the operator's own (which may name a certificate or a credential helper).
 * They are a file because git hides settings of the command line from the half of it that reads a local
 * repository, which is where `safe.directory` matters.
 */
export async function writeGitConfig(file: string, transports: readonly string[]): Promise<void> {
  const wanted = `[include]
	path = ~/.config/git/config
	path = ~/.gitconfig
[core]
	hooksPath = /dev/null
	attributesFile = /dev/null
	fsmonitor = false
[safe]
	# The only repositories git is ever pointed at are the configured ones, whatever account owns them.
	directory = *
[protocol]
	allow = never
[protocol "ext"]
	allow = never
${["file", "git", "http", "https", "ssh"]
  .map(
    (name) => `[protocol "${name}"]\n\tallow = ${transports.includes(name) ? "always" : "never"}\n`,
  )
  .join("")}[submodule]
	recurse = false
[fetch]
	recurseSubmodules = false
[http]
	lowSpeedLimit = 100
	lowSpeedTime = 30
[gc]
	auto = 0
[maintenance]
	auto = false
`;
  await writeWhole(file, wanted);
}

/** Gives a file a content, which a concurrent reader finds whole. */
export async function writeWhole(file: string, content: string): Promise<void> {
  const found = await readFile(file, "utf8").catch(() => undefined);
  if (found === content) return;
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, content);
  await rename(draft, file);
}
