import { moveChoice } from "../text/typed.ts";

/** What is asked for: BiomAid at a tag, or what is serving with something new of the site's own. */
export type Target =
  /** `local`: a ref of the site's local repository, in spite of the configured rule. */
  | { readonly kind: "tag"; readonly tag: string; readonly local: string | undefined }
  | { readonly kind: "local-only"; readonly local: string | undefined }
  | { readonly kind: "settings-only" }
  /** The version that runs as it was installed by hand. */
  | { readonly kind: "move" };

/** A target as it is typed after the name of a command: `swap`, or `adopt` for a move. */
export function targetText(target: Target): string {
  if (target.kind === "move") return moveChoice;
  if (target.kind === "settings-only") return "--settings-only";
  const { local } = target;
  if (target.kind === "tag") return target.tag + (local === undefined ? "" : ` --local ${local}`);
  return `--local-only${local === undefined ? "" : ` ${local}`}`;
}
