/** What is asked for: BiomAid at a tag, or what is serving with something new of the site's own. */
export type Choice =
  /** `local`: a ref of the site's local repository, in spite of the configured rule. */
  | { readonly kind: "tag"; readonly tag: string; readonly local: string | undefined }
  | { readonly kind: "local-only"; readonly local: string | undefined }
  | { readonly kind: "settings-only" };

/** A choice as it is typed after the name of a command. */
export function choiceText(choice: Choice): string {
  if (choice.kind === "settings-only") return "--settings-only";
  const { local } = choice;
  if (choice.kind === "tag") return choice.tag + (local === undefined ? "" : ` --local ${local}`);
  return `--local-only${local === undefined ? "" : ` ${local}`}`;
}
