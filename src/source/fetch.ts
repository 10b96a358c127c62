import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type GitOptions,
  type GitResult,
  runGit,
  unlock,
  writeGitConfig,
  writeWhole,
} from "./git.ts";
import { parseLocation, type Location } from "./location.ts";
import { UpdaterError } from "../errors.ts";
import type { TellWaiting } from "../lib/while-lasting.ts";
import type { Wait } from "../text/catalogue.ts";

export interface FetchOptions {
  /** Milliseconds for each command of git; 10 minutes unless told. */
  readonly timeLimitMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Of a repository that takes long, or that another command reads at this moment. */
  readonly tell?: TellWaiting<Wait>;
}

export interface Mirror {
  readonly gitDirectory: string;
  readonly config: string;
}

/**
 * Brings branches and tags of a repository into a bare mirror in `folder`, made when it isn't there. Commands may
 * do so at once: each waits for the other.
 */
export async function fetchMirror(
  repository: string,
  folder: string,
  { tell, ...options }: FetchOptions,
): Promise<Mirror> {
  const location = parseLocation(repository);
  if (typeof location === "string")
    throw new UpdaterError("repositoryRefused", { repository: masked(repository) });
  const since = new Date().toISOString();
  const lock = join(folder, "lock");
  let locked = false;
  const fetched = fetchLocation(location, folder, {
    ...options,
    lock,
    onLocked: (now) => void (locked = now),
  });
  if (!tell) return await fetched;
  const where = { since, repository: location.text };
  return await tell(
    () => (locked ? { kind: "fetch", lock, ...where } : { kind: "repository", ...where }),
    fetched,
  );
}

async function fetchLocation(
  location: Location,
  folder: string,
  {
    timeLimitMs = 600_000,
    signal,
    ...locking
  }: Omit<FetchOptions, "tell"> & Required<Pick<GitOptions, "lock" | "onLocked">>,
): Promise<Mirror> {
  const [gitDirectory, config] = [join(folder, "mirror.git"), join(folder, "gitconfig")];
  await mkdir(gitDirectory, { recursive: true, mode: 0o700 });
  await writeGitConfig(config, transportsTo(location));
  const options = { config, timeLimitMs, signal, ...locking };
  const expectDone = (
    { done, timedOut, locked, complaint }: GitResult,
    failure: (complaint: string) => UpdaterError,
  ) => {
    if (locked) {
      const seconds = Math.round(timeLimitMs / 1000);
      throw new UpdaterError("repositoryLocked", {
        repository: location.text,
        lock: locking.lock,
        seconds,
      });
    }
    if (timedOut) {
      const seconds = Math.round(timeLimitMs / 1000);
      throw new UpdaterError("repositoryTimeout", { repository: location.text, seconds });
    }
    if (!done) throw failure(complaint);
  };
  expectDone(await unlock(gitDirectory, options), unusable);
  const init = ["init", "--quiet", "--bare", "--template=", gitDirectory];
  expectDone(await runGit(init, options), unusable);
  // Has the last word over any .gitattributes: what is built is what the tag holds, all of it and unaltered.
  await mkdir(join(gitDirectory, "info"), { recursive: true });
  await writeWhole(
    join(gitDirectory, "info", "attributes"),
    "* -export-ignore -export-subst -filter -ident -text -working-tree-encoding\n",
  );
  if (location.kind === "path") await verifyFolder(location.text, config);
  const how = "--quiet --prune --force --no-tags --update-shallow --no-write-fetch-head".split(" ");
  const refs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
  const fetch = [`--git-dir=${gitDirectory}`, "fetch", ...how, "--", location.text, ...refs];
  expectDone(await runGit(fetch, options), (complaint) => failureOf(location.text, complaint));
  return { gitDirectory, config };
}

function transportsTo(location: Location): string[] {
  if (location.kind === "path") return ["file"];
  return location.insecure ? ["http", "https"] : ["https", "ssh"];
}

function unusable(complaint: string): UpdaterError {
  return new UpdaterError("gitUnusable", { reason: lastLine(complaint) });
}

async function verifyFolder(path: string, config: string): Promise<void> {
  const found = await stat(path).catch((thrown: unknown) => {
    const reason = (thrown as NodeJS.ErrnoException).code ?? "";
    throw new UpdaterError("repositoryUnreachable", { repository: path, reason }, thrown);
  });
  const options = { config, timeLimitMs: 30_000 };
  for (const gitDirectory of found.isDirectory() ? [join(path, ".git"), path] : []) {
    const asked = await runGit([`--git-dir=${gitDirectory}`, "rev-parse", "--git-dir"], options);
    if (asked.done) return;
  }
  throw new UpdaterError("notARepository", { repository: path });
}

/**
 * Git exits 128 whatever is wrong; its words (in English, by LC_ALL) are all there is to tell these apart,
 * and a wrong guess costs no more than a less helpful next step.
 */
function failureOf(repository: string, stderr: string): UpdaterError {
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
