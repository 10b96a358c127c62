import { parseDocument } from "../lib/toml.ts";
import type { Inspection } from "./inspection.ts";
import type { SiteFacts } from "./site.ts";

/** Names of the machine itself. */
export const localHosts = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/i;

/** Hosts that users ask for: those that ALLOWED_HOSTS names, without patterns and the machine itself. */
export const hostsOf = ({ ALLOWED_HOSTS }: NonNullable<SiteFacts["settings"]>): readonly string[] =>
  ALLOWED_HOSTS.filter((name) => !/^[*.]/.test(name) && !localHosts.test(name));

/** Folders that belong to every machine, and not to the site. */
const ofSystem = /^\/(dev|proc|sys|usr|lib|lib64|etc\/(ssl|localtime|mime\.types|apache2))(\/|$)/;

/** What a site uses of its machine that is not its own. */
export function outsideOf(found: Inspection): {
  /** Of hosts that /etc/hosts alone may know. */
  readonly names: readonly string[];
  readonly paths: readonly string[];
} {
  const { site, application, user, hostsFile } = found;
  const { settings, touched } = site;
  const hosts = [
    settings?.EMAIL_HOST,
    settings?.LDAP_HOST,
    hostOf(settings?.AUTH_LDAP_SERVER_URI),
    ...Object.entries(settings?.DATABASES ?? {}).flatMap(([name, { HOST }]) =>
      name === "default" ? [] : [HOST],
    ),
  ].filter((host) => host !== undefined && host !== "" && !localHosts.test(host));
  const own = [application.sources, site.local, site.media?.path].filter((path) => path !== null);
  const isOwn = (path: string) =>
    ofSystem.test(path) || own.some((folder) => path === folder || path.startsWith(`${folder}/`));
  const read = touched.files.filter((path) => path.startsWith("/") && !isOwn(path));
  // Its own virtual environment, and what Python keeps for a user.
  const foreign = read.filter((path) => !path.startsWith(`${user.home}/.`));
  return {
    names: [...new Set(hosts)].filter((host) => hostsFile.includes(host ?? "")) as string[],
    paths: [
      ...new Set([...[...site.configs, site.instance_config ?? ""].flatMap(pathsIn), ...foreign]),
    ].sort(),
  };
}

/** Folders and files that BiomAid reads, by a file of its configuration: of shares that extable imports, of attachments. */
function pathsIn(text: string): string[] {
  const document = parseDocument(text);
  if ("reason" in document) return [];
  const { paths, attachment_roots: roots, extable } = document.table;
  const folders = [paths, roots].flatMap(valuesOf);
  const tables = valuesOf(isTable(extable) ? extable["tables"] : undefined).filter(isTable);
  // The last, or all, of those that a pattern names.
  const files = tables.map(({ filename }) => String(filename).replace(/^(last|all):/, ""));
  return [...folders, ...files].filter(
    (value): value is string => typeof value === "string" && value.startsWith("/"),
  );
}

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const valuesOf = (value: unknown): unknown[] => (isTable(value) ? Object.values(value) : []);

const hostOf = (url: string | undefined) => /^\w+:\/\/([^:/\s]+)/.exec(url ?? "")?.[1];

/** Names that a hosts file gives addresses to. */
export function namesIn(hostsFile: string): readonly string[] {
  return hostsFile.split("\n").flatMap((line) => {
    const [, ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    return names;
  });
}

/** ICU's name for what sorts texts like a locale of the C library's: `fr_FR.UTF-8@euro` is `fr-FR`, and so is what it does not know. */
export function localeOf(order: string): string {
  const [name = ""] = order.split(/[.@]/);
  if (/^(C|POSIX)$/i.test(name)) return "C";
  try {
    return Intl.Collator.supportedLocalesOf(name.replaceAll("_", "-"))[0] ?? "fr-FR";
  } catch {
    return "fr-FR";
  }
}
