import type { Readable } from "node:stream";
import type { Files } from "./changed-files.ts";
import type { FetchOptions } from "./fetch.ts";
import { openRepository, type Repository } from "./repository.ts";
import { type ErrorParameters, UpdaterError } from "../errors.ts";

/** Which local settings go with a tag of BiomAid. */
export type LocalRule =
  | { readonly kind: "folder"; readonly folder: string }
  | {
      readonly kind: "repository";
      /** A URL, or an absolute path. */
      readonly repository: string;
      /** As that of the source, for its tags and commits. */
      readonly allowedSigners: string | undefined;
      /** BiomAid's tag → ref of the local repository; looked at first. */
      readonly refs: Readonly<Record<string, string>>;
      readonly otherwise: LocalFallback | undefined;
    };

type LocalFallback =
  | { readonly kind: "same-tag" }
  | { readonly kind: "branch"; readonly branch: string };

/** The local settings that go with a tag of BiomAid. */
export interface LocalSettings {
  /** The repository they come from: the site's own, or BiomAid's. */
  readonly repository: string;
  readonly commit: string;
  /** How they were chosen: a ref of the local repository, or a folder of BiomAid's tree. */
  readonly ref: string;
  archive(): Promise<Readable>;
  /** Their files at any commit of that repository; undefined when it is not there (any more). */
  files(commit: string): Promise<Files | undefined>;
}

/**
 * @param release BiomAid's tag, and the commit that it means in this operation
 * @param options.ref decides instead of the rule
 */
export async function localSettingsOf(
  rule: LocalRule,
  { tag, commit: released }: { readonly tag: string; readonly commit: string },
  source: Repository,
  cacheDirectory: string,
  options: FetchOptions & { readonly ref?: string | undefined } = {},
): Promise<LocalSettings> {
  if (rule.kind === "folder") {
    if (options.ref !== undefined)
      throw new UpdaterError("localIsAFolder", { folder: rule.folder });
    const archive = () => source.archive(released, rule.folder);
    const files = (other: string) => source.listFiles(other, rule.folder);
    return { repository: source.location, commit: released, ref: rule.folder, archive, files };
  }
  const repository = await openRepository(rule.repository, cacheDirectory, options);
  const { ref, key } =
    options.ref === undefined ? refFor(rule, tag) : { ref: options.ref, key: "asked" as const };
  const found = key === "branch" ? await repository.findBranch(ref) : await repository.findRef(ref);
  if (found === undefined) {
    throw new UpdaterError("localRefMissing", { ref, key, tag, repository: rule.repository });
  }
  if (rule.allowedSigners !== undefined) await verify(repository, ref, found, rule.allowedSigners);
  const archive = () => repository.archive(found);
  const files = (commit: string) => repository.listFiles(commit);
  return { repository: rule.repository, commit: found, ref, archive, files };
}

/** Either the tag or the commit it means is signed. */
async function verify(
  repository: Repository,
  ref: string,
  commit: string,
  allowedSigners: string,
): Promise<void> {
  try {
    await repository.verifyTag(ref, commit, allowedSigners);
  } catch {
    await repository.verifyCommit(commit, allowedSigners);
  }
}

/** By the rule: the ref, and the key of the `[local]` table that decided. */
function refFor(
  rule: Extract<LocalRule, { kind: "repository" }>,
  tag: string,
): Pick<ErrorParameters<"localRefMissing">, "ref" | "key"> {
  const explicit = Object.hasOwn(rule.refs, tag) ? rule.refs[tag] : undefined;
  if (explicit !== undefined) return { ref: explicit, key: "refs" };
  if (rule.otherwise?.kind === "branch") return { ref: rule.otherwise.branch, key: "branch" };
  if (rule.otherwise?.kind === "same-tag") return { ref: tag, key: "ref" };
  throw new UpdaterError("localRuleSilent", { tag, repository: rule.repository });
}
