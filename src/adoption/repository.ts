import { runAs, type User } from "../move-in/as-user.ts";

/** A checkout of the site's. */
export interface Checkout {
  readonly folder: string;
  readonly commit: string;
  /** Tags of that very commit, newest version last. */
  readonly tags: readonly string[];
  /** A branch, or nothing. */
  readonly branch: string | undefined;
  /** Where it was cloned from, without a password. */
  readonly origin: string | undefined;
  /** Files that differ from the commit, or are not in it and not ignored. */
  readonly changed: readonly string[];
}

const limitMs = 30_000;

/** @returns nothing where a folder is in no repository of its own */
export async function checkoutOf(
  user: User,
  folder: string,
  signal: AbortSignal,
): Promise<Checkout | undefined> {
  // What a repository's own configuration names is run by `status`, too, but as the user it belongs to.
  const ask = async (...words: string[]) => {
    // It would write down what it has seen.
    const git = [
      "git",
      "--no-optional-locks",
      "-c",
      "core.quotePath=false",
      "-C",
      folder,
      ...words,
    ];
    const { done, stdout } = await runAs(user, git, { folder: "/", limitMs, signal });
    return done ? stdout.trimEnd() : undefined;
  };
  const top = await ask("rev-parse", "--show-toplevel");
  if (top === undefined || top !== folder) return undefined;
  const commit = await ask("rev-parse", "HEAD");
  if (commit === undefined) return undefined;
  const [tags, branch, origin, status] = await Promise.all([
    ask("tag", "--points-at", "HEAD", "--sort=version:refname"),
    ask("symbolic-ref", "--short", "-q", "HEAD"),
    ask("remote", "get-url", "origin"),
    ask("status", "--porcelain", "--untracked-files=normal", "--ignore-submodules=all"),
  ]);
  return {
    folder,
    commit,
    tags: linesOf(tags),
    branch,
    origin: origin?.replace(/^(\w+:\/\/)[^/@]*@/, "$1"),
    // Python's own are nobody's change.
    changed: linesOf(status)
      .map((line) => line.slice(3))
      .filter((file) => !/(^|\/)__pycache__\/$/.test(file)),
  };
}

const linesOf = (text: string | undefined) => (text ?? "").split("\n").filter(Boolean);
