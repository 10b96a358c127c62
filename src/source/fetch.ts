import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type GitOptions,
  type GitResult,
  runGit,
  runGitAlone,
  unlock,
  writeGitConfig,
  writeWhole,
} from "./git.ts";
import { parseLocation, type Location } from "./location.ts";
import { UpdaterError } from "../errors.ts";

export interface FetchOptions {
  /** Milliseconds for each command of git; 10 minutes unless told. */
  readonly timeLimitMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Mirror {
  readonly gitDirectory: string;
  readonly config: string;
  /** The file that a process locks before it writes into the mirror. */
  readonly lock: string;
}

/** Milliseconds. */
const usualLimitMs = 600_000;

/**
 * Brings branches and tags of a repository into a bare mirror in `folder`, made when it isn't there. Commands may
 * do so at once: each waits for the other.
 */
export async function fetchMirror(
  repository: string,
  folder: string,
  { timeLimitMs = usualLimitMs, signal }: FetchOptions,
): Promise<Mirror> {
  const location = parseLocation(repository);
  if (typeof location === "string")
    throw new UpdaterError("repositoryRefused", { repository: masked(repository) });
  const mirror = {
    gitDirectory: join(folder, "mirror.git"),
    config: join(folder, "gitconfig"),
    lock: join(folder, "lock"),
  };
  const options = { config: mirror.config, timeLimitMs, signal };
  await prepare(mirror, location, options);
  if (location.kind === "path") await verifyFolder(location.text, mirror);
  const result = await runGitAlone(
    mirror.lock,
    [
      `--git-dir=${mirror.gitDirectory}`,
      ..."fetch --quiet --prune --force --no-tags --update-shallow --no-write-fetch-head".split(
        " ",
      ),
      "--",
      location.text,
      "+refs/heads/*:refs/heads/*",
      "+refs/tags/*:refs/tags/*",
    ],
    options,
  );
  if (result.timedOut) throw timeoutOf(location, timeLimitMs);
  if (!result.done) throw failureOf(location, result.complaint);
  return mirror;
}

async function prepare(mirror: Mirror, location: Location, options: GitOptions): Promise<void> {
  await mkdir(mirror.gitDirectory, { recursive: true, mode: 0o700 });
  const transports =
    location.kind === "path" ? ["file"] : location.insecure ? ["http", "https"] : ["https", "ssh"];
  await writeGitConfig(mirror.config, transports);
  const expectDone = ({ done, timedOut, complaint }: GitResult) => {
    if (timedOut) throw timeoutOf(location, options.timeLimitMs);
    if (!done) throw new UpdaterError("gitUnusable", { reason: lastLine(complaint) });
  };
  expectDone(await unlock(mirror.gitDirectory, mirror.lock, options));
  const init = ["init", "--quiet", "--bare", "--template=", mirror.gitDirectory];
  expectDone(await runGitAlone(mirror.lock, init, options));
  // Has the last word over any .gitattributes: what is built is what the tag holds, all of it and unaltered.
  await mkdir(join(mirror.gitDirectory, "info"), { recursive: true });
  await writeWhole(
    join(mirror.gitDirectory, "info", "attributes"),
    "* -export-ignore -export-subst -filter -ident -text -working-tree-encoding\n",
  );
}

async function verifyFolder(path: string, mirror: Mirror): Promise<void> {
  const found = await stat(path).catch((thrown: unknown) => {
    const reason = (thrown as NodeJS.ErrnoException).code ?? "";
    throw new UpdaterError("repositoryUnreachable", { repository: path, reason }, thrown);
  });
  const options = { config: mirror.config, timeLimitMs: 30_000 };
  for (const gitDirectory of found.isDirectory() ? [join(path, ".git"), path] : []) {
    const asked = await runGit([`--git-dir=${gitDirectory}`, "rev-parse", "--git-dir"], options);
    if (asked.done) return;
  }
  throw new UpdaterError("notARepository", { repository: path });
}

function timeoutOf({ text: repository }: Location, timeLimitMs: number): UpdaterError {
  return new UpdaterError("repositoryTimeout", {
    repository,
    seconds: Math.round(timeLimitMs / 1000),
  });
}

/**
 * Git exits 128 whatever is wrong; its words (in English, by LC_ALL) are all there is to tell these apart,
 * and a wrong guess costs no more than a less helpful next step.
 */
function failureOf(location: Location, stderr: string): UpdaterError {
  const repository = location.text;
  if (
    /Authentication failed|could not read (Username|Password)|Permission denied|Host key verification|error: 40[13]/i.test(
      stderr,
    )
  ) {
    return new UpdaterError("repositoryForbidden", { repository });
  }
  if (/not found|does not appear to be a git repository|not a git repository/i.test(stderr)) {
    return new UpdaterError("notARepository", { repository });
  }
  return new UpdaterError("repositoryUnreachable", { repository, reason: lastLine(stderr) });
}

function lastLine(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const line =
    lines.findLast((line) => /^(fatal|error|ssh):/.test(line)) ?? lines.findLast(Boolean) ?? "";
  return masked(line.replace(/^(fatal|error): /, ""));
}

/** Whatever stands before the @ of a URL can be a password. */
function masked(text: string): string {
  return text.replace(/:\/\/[^/\s]*@/g, "://***@");
}
