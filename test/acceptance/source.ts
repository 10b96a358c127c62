import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { compareVersions } from "../../src/lib/version.ts";
import { type Options, UsageError } from "./options.ts";

/** BiomAid's repository, as far as the run looks into it. */
export interface Source {
  /** As the updater's configuration names it. */
  readonly repository: string;
  /** This run's own clone of it. */
  readonly clone: string;
  show(tag: string, path: string): Promise<Buffer>;
  /** The version that a release shows on its pages; not always its tag. */
  shownVersion(tag: string): Promise<string>;
  /** A static file, by its path below /static/, that differs between two releases if any does. */
  staticFile(from: string, to: string): Promise<{ url: string; path: string }>;
}

/** Clones the repository into the folder and finds both releases in it. */
export async function openSource({ source, from, to }: Options, folder: string): Promise<Source> {
  const repository = locationOf(source);
  const clone = join(folder, "source.git");
  const git = async (...argv: string[]) => await execa("git", ["--git-dir", clone, ...argv]);
  try {
    await execa("git", ["clone", "--bare", "--quiet", "--", repository, clone]);
    for (const tag of [from, to]) await git("rev-parse", "--verify", "--quiet", `refs/tags/${tag}`);
  } catch (error) {
    throw new UsageError(`${source} is no repository with the tags ${from} and ${to}`, {
      cause: error,
    });
  }
  const show = async (tag: string, path: string) => {
    const { stdout } = await execa("git", ["--git-dir", clone, "show", `${tag}:${path}`], {
      encoding: "buffer",
      stripFinalNewline: false,
    });
    return Buffer.from(stdout);
  };
  return {
    repository,
    clone,
    show,
    async shownVersion(tag) {
      const settings = (await show(tag, "settings/version.py")).toString();
      const version = /^DEM_VERSION\s*=\s*['"]([^'"]+)/m.exec(settings)?.[1];
      if (version === undefined) throw new Error(`settings/version.py at ${tag} names no version`);
      return version;
    },
    async staticFile(one, other) {
      const among = async (...argv: string[]) =>
        (await git(...argv)).stdout
          .split("\n")
          .filter((path) => /^(?!local_)\w+\/static\/.+\.(css|js)$/.test(path));
      const changed = await among("diff", "--name-only", "--diff-filter=M", one, other);
      const [path] =
        changed.length > 0 ? changed : await among("ls-tree", "-r", "--name-only", other);
      if (path === undefined) throw new Error("no static file found");
      return { path, url: path.replace(/^\w+\/static\//, "/static/") };
    },
  };
}

/** The `[local]` table of the configuration, for a repository that the site has already. */
export async function localTable(
  local: string,
  { localRefs, from, to }: Pick<Options, "localRefs" | "from" | "to">,
): Promise<string> {
  const repository = locationOf(local);
  const { stdout } = await execa("git", ["ls-remote", "--tags", "--refs", "--", repository]);
  const tags = stdout
    .split("\n")
    .map((line) => line.replace(/^.*refs\/tags\//, ""))
    .filter((tag) => /^v?\d+(\.\d+)*$/.test(tag))
    .sort(compareVersions);
  const refs = [from, to].map((tag) => {
    const ref = localRefs.get(tag) ?? tags.findLast((known) => compareVersions(known, tag) <= 0);
    if (ref === undefined)
      throw new UsageError(`${local} has nothing for ${tag}: --local-ref ${tag}=REF`);
    return `"${tag}" = "${ref}"`;
  });
  return `repository = "${repository}"\n[local.refs]\n${refs.join("\n")}`;
}

/** The configuration lives in a folder of its own: paths are made absolute. */
function locationOf(repository: string): string {
  return existsSync(repository) ? resolve(repository) : repository;
}
