import { isAbsolute } from "node:path";

/** Where a repository is, once judged: only transports that can't be made to run something. */
export type Location =
  | { readonly kind: "path"; readonly text: string }
  | { readonly kind: "url"; readonly text: string; readonly insecure: boolean };

export type LocationFault = "repository" | "repositoryPassword";

const host = String.raw`[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\]`;
const scp = new RegExp(String.raw`^[A-Za-z0-9_][A-Za-z0-9._-]*@(${host}):[^-\s\\][^\s\\]*$`);
const url = new RegExp(
  String.raw`^(https?|ssh)://([A-Za-z0-9_][A-Za-z0-9._-]*@)?(${host})(:\d{1,5})?/[^\s\\]*$`,
);

/**
 * Judges the text of a repository: https, http and ssh URLs, `git@host:path`, and paths. Git itself takes
 * far more (`ext::` runs any program, a leading `-` is an option), none of which a site needs.
 */
export function parseLocation(text: string): Location | LocationFault {
  // A password or token here would end up in the process list, where git passes the URL on.
  if (/^https?:\/\/[^/]*@|^[a-z]+:\/\/[^/@]*:[^/]*@/i.test(text)) return "repositoryPassword";
  const scheme = url.exec(text)?.[1];
  if (scheme !== undefined) return { kind: "url", text, insecure: scheme === "http" };
  if (scp.test(text)) return { kind: "url", text, insecure: false };
  if (/^[-~]/.test(text) || /[\p{Cc}]/u.test(text) || text.trim() === "") return "repository";
  if (!isAbsolute(text) && /^[^/]*:/.test(text)) return "repository";
  return { kind: "path", text };
}
