import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { distance } from "fastest-levenshtein";
import type { Files } from "./changed-files.ts";
import { fetchMirror, type FetchOptions, type Mirror } from "./fetch.ts";
import { type GitResult, runGit, streamGit } from "./git.ts";
import { isPlainFolder, isPlainRef, isPlainTag, versionTag } from "./names.ts";
import { verifyTree } from "./tree.ts";
import { compareVersions } from "../lib/version.ts";
import { UpdaterError } from "../errors.ts";

export interface Tag {
  readonly tag: string;
  readonly commit: string;
  readonly date: Date;
}

/** Fetches a repository (URL or absolute path) into its mirror below `cacheDirectory`; a second call updates it. */
export async function openRepository(
  repository: string,
  cacheDirectory: string,
  options: FetchOptions = {},
): Promise<Repository> {
  const name = createHash("sha256").update(repository).digest("hex").slice(0, 16);
  return new Repository(
    repository,
    await fetchMirror(repository, join(cacheDirectory, name), options),
  );
}

/** The fetched mirror of one repository. Commits are full ids, as `resolve` gives them. */
export class Repository {
  /** URL or path, as configured. */
  readonly location: string;
  readonly #mirror: Mirror;

  constructor(location: string, mirror: Mirror) {
    this.location = location;
    this.#mirror = mirror;
  }

  /** Tags that are versions, lowest first. */
  async tags(): Promise<Tag[]> {
    const fields = ["objecttype", "objectname", "committerdate:unix"];
    // An annotated tag is an object of its own; the starred fields are of the commit it points to.
    const format = ["refname:lstrip=2", ...fields, ...fields.map((field) => `*${field}`)];
    const output = await this.#ask([
      "for-each-ref",
      `--format=${format.map((field) => `%(${field})`).join("%00")}`,
      "refs/tags",
    ]);
    return (output ?? "")
      .split("\n")
      .map((line) => line.split("\0"))
      .flatMap(([tag = "", type, commit = "", date, innerType, innerCommit = "", innerDate]) => {
        if (!versionTag.test(tag)) return [];
        if (type === "commit") return [{ tag, commit, date: dateOf(date) }];
        return innerType === "commit"
          ? [{ tag, commit: innerCommit, date: dateOf(innerDate) }]
          : [];
      })
      .sort((one, other) => compareVersions(one.tag, other.tag) || (one.tag < other.tag ? -1 : 1));
  }

  /** The commit of a tag. */
  async resolve(tag: string): Promise<string> {
    if (!isPlainTag(tag)) throw new UpdaterError("tagRefused", { tag });
    const commit = await this.#commitOf(`refs/tags/${tag}`);
    if (commit !== undefined) return commit;
    const nearest = nearestTo(tag, await this.tags());
    throw new UpdaterError("tagMissing", { tag, repository: this.location, nearest });
  }

  /** The commit of a tag, a branch or an abbreviated commit id, in this order; undefined when there is none. */
  async findRef(ref: string): Promise<string | undefined> {
    if (!isPlainRef(ref)) return undefined;
    return (
      (await this.#commitOf(`refs/tags/${ref}`)) ??
      (await this.findBranch(ref)) ??
      (/^[0-9a-f]{7,64}$/.test(ref) ? await this.#commitOf(ref) : undefined)
    );
  }

  async findBranch(branch: string): Promise<string | undefined> {
    return isPlainRef(branch) ? this.#commitOf(`refs/heads/${branch}`) : undefined;
  }

  /** The tree of a commit, or of one of its folders, as a tar stream that fails if git does. */
  async archive(commit: string, folder?: string): Promise<Readable> {
    const tree = await this.#treeOf(commit, folder);
    await verifyTree(tree, this.location, (args) => this.#ask(args));
    const { gitDirectory, config } = this.#mirror;
    const command = [`--git-dir=${gitDirectory}`, "archive", "--format=tar", tree];
    return streamGit(command, { config, timeLimitMs: 600_000 });
  }

  /** A file's content; undefined when the commit has no such file. */
  async readFile(commit: string, path: string): Promise<string | undefined> {
    if (!isPlainFolder(path)) return undefined;
    return await this.#ask(["cat-file", "blob", `${idOf(commit)}:${path}`]);
  }

  /** The files of a commit, or of one of its folders; undefined when either is not there (any more). */
  async listFiles(commit: string, folder?: string): Promise<Files | undefined> {
    if (folder !== undefined && !isPlainFolder(folder)) return undefined;
    const tree = folder === undefined ? idOf(commit) : `${idOf(commit)}:${folder}`;
    const listing = await this.#ask(["ls-tree", "-r", "-z", "--full-tree", tree]);
    if (listing === undefined) return undefined;
    const entries = listing.split("\0").filter(Boolean);
    return new Map(
      entries.map((entry) => {
        const [, id = "", path = ""] = /^\S+ \S+ (\S+)\t(.*)$/s.exec(entry) ?? [];
        return [path, id];
      }),
    );
  }

  /** The content of a file of `listFiles`, by its id. */
  async readBlob(id: string): Promise<string> {
    const content = await this.#ask(["cat-file", "blob", idOf(id)]);
    if (content === undefined) {
      throw new UpdaterError("repositoryDamaged", { repository: this.location });
    }
    return content;
  }

  /**
   * Refuses a tag that no signer in a file of allowed signers has signed under this very name: an old signed tag
   * under a new name is no new release.
   * @param commit the one that is used: it must be what was signed
   * @throws UpdaterError `unsigned`
   */
  async verifyTag(tag: string, commit: string, allowedSigners: string): Promise<void> {
    // By its id from here on: whoever fetches meanwhile may give the name to another.
    const plainly = ["--verify", "--quiet", "--end-of-options"];
    const id = (await this.#ask(["rev-parse", ...plainly, `refs/tags/${tag}`]))?.trim();
    if (id === undefined) throw this.#unsigned(tag, allowedSigners, "there is no such tag");
    const { done, complaint } = await this.#verify(["verify-tag", idOf(id)], allowedSigners);
    if (!done) throw this.#unsigned(tag, allowedSigners, reasonIn(complaint));
    const content = (await this.#ask(["cat-file", "tag", idOf(id)])) ?? "";
    const field = (name: string) => new RegExp(`^${name} (.*)$`, "m").exec(content)?.[1];
    const [name, type, signed] = [field("tag"), field("type"), field("object")];
    if (name !== tag || type !== "commit") {
      throw this.#unsigned(tag, allowedSigners, `signed as ${name} (${type})`);
    }
    if (signed !== commit) {
      throw this.#unsigned(tag, allowedSigners, `signed for ${signed}, not for ${commit}`);
    }
  }

  /** As `verifyTag`, for a commit itself. */
  async verifyCommit(commit: string, allowedSigners: string): Promise<void> {
    const { done, complaint } = await this.#verify(["verify-commit", idOf(commit)], allowedSigners);
    if (!done) throw this.#unsigned(commit.slice(0, 10), allowedSigners, reasonIn(complaint));
  }

  #unsigned(ref: string, file: string, reason: string): UpdaterError {
    return new UpdaterError("unsigned", { ref, repository: this.location, file, reason });
  }

  async #verify(args: readonly string[], allowedSigners: string): Promise<GitResult> {
    const settings = {
      "gpg.format": "ssh",
      "gpg.ssh.allowedSignersFile": allowedSigners,
      "gpg.ssh.program": "ssh-keygen",
      // Keys in the keyring of this account are not in that file.
      "gpg.program": "false",
      "gpg.openpgp.program": "false",
      "gpg.x509.program": "false",
    };
    const set = Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
    return await this.#run([...set, ...args]);
  }

  async #treeOf(commit: string, folder: string | undefined): Promise<string> {
    if (folder === undefined) return idOf(commit);
    const tree = `${idOf(commit)}:${folder}`;
    const type = isPlainFolder(folder) ? await this.#ask(["cat-file", "-t", tree]) : undefined;
    if (type?.trim() === "tree") return tree;
    throw new UpdaterError("folderMissing", { folder, commit, repository: this.location });
  }

  async #commitOf(ref: string): Promise<string | undefined> {
    const plainly = ["--verify", "--quiet", "--end-of-options"];
    return (await this.#ask(["rev-parse", ...plainly, `${ref}^{commit}`]))?.trim();
  }

  /** What git printed; undefined when it says no. */
  async #ask(args: readonly string[]): Promise<string | undefined> {
    const { done, stdout } = await this.#run(args);
    return done ? stdout : undefined;
  }

  async #run(args: readonly string[]): Promise<GitResult> {
    const { gitDirectory, config } = this.#mirror;
    return await runGit([`--git-dir=${gitDirectory}`, ...args], { config, timeLimitMs: 60_000 });
  }
}

/** A programming error if it fails: ids come from git, never from a person. */
function idOf(commit: string): string {
  if (!/^[0-9a-f]{40,64}$/.test(commit)) throw new TypeError(`Not an object's id: ${commit}`);
  return commit;
}

/** What git or ssh-keygen says of a signature, without its hints. */
function reasonIn(complaint: string): string {
  const lines = complaint.split("\n").map((line) => line.replace(/^(error|fatal): /, "").trim());
  return lines.findLast(Boolean) ?? "";
}

function dateOf(seconds: string | undefined): Date {
  return new Date(Number(seconds) * 1000);
}

function nearestTo(tag: string, known: readonly Tag[]): string[] {
  return known
    .map(({ tag: candidate }) => ({ candidate, changes: distance(tag, candidate) }))
    .filter(({ changes }) => changes <= 3)
    .sort(
      (one, other) =>
        one.changes - other.changes || compareVersions(other.candidate, one.candidate),
    )
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
