import { readFile } from "node:fs/promises";

/** A URL, or the absolute path of the file that holds it because there is a secret in it. */
export type KeptUrl = { readonly url: string } | { readonly file: string };

export function keptUrl(url: string | undefined, file: string | undefined): KeptUrl | undefined {
  if (file !== undefined) return { file };
  return url === undefined ? undefined : { url };
}

/** @throws what reading the file throws, where it is kept in one */
export async function readUrl(kept: KeptUrl): Promise<string> {
  return "url" in kept ? kept.url : (await readFile(kept.file, "utf8")).trim();
}
