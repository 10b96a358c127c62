import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Fault, FileTrouble, Finding } from "./problem.ts";
import { type KeyPath, type Table, tableOf } from "../lib/toml.ts";
import { isWebhookUrl } from "./values.ts";
import { environmentIn } from "./environment-file.ts";
import { snapshotPlace } from "./snapshot-place.ts";
import { parseLocation } from "../source/location.ts";
import {
  mailPlaceholders,
  maintenancePlaceholders,
  newsBoxPlaceholders,
  newsPagePlaceholders,
  templateFaults,
} from "../lib/template.ts";

/** What files that are templates may contain. */
const templates = {
  page: maintenancePlaceholders,
  mail: mailPlaceholders,
  newsBox: newsBoxPlaceholders,
  newsPage: newsPagePlaceholders,
} as const;

type Kind =
  | "file"
  | keyof typeof templates
  | "secret"
  | "proxy"
  | "webhook"
  | "environment"
  | "executable"
  | "folder";

interface Reference {
  readonly path: KeyPath;
  readonly file: string;
  readonly kind: Kind;
}

/** What is wrong with the files that a configuration names, all of them. */
export async function fileFindings(file: Table, folder: string): Promise<Finding[]> {
  const findings = await Promise.all(
    referencesOf(file).map(async (reference): Promise<Finding[]> => {
      const path = resolve(folder, reference.file);
      const trouble = await troubleWith(path, reference.kind);
      if (trouble !== undefined) {
        return [{ path: reference.path, fault: { kind: "file", trouble, path } }];
      }
      const fault = await templateFault(path, reference.kind);
      return fault ? [{ path: reference.path, fault }] : [];
    }),
  );
  return findings.flat();
}

/** Read from the file as it was written, so that files are looked at even when other keys are wrong. */
function referencesOf(file: Table): Reference[] {
  const [site, build] = [tableOf(file["site"]), tableOf(file["build"])];
  const messages = tableOf(file["messages"]);
  const whatsNew = tableOf(messages["whats_new"]);
  const snapshots = tableOf(tableOf(file["backup"])["snapshots"]);
  const inSnapshots = (key: string, kind: Kind): [KeyPath, unknown, Kind] => [
    ["backup", "snapshots", key],
    snapshots[key],
    kind,
  ];
  const { repository: kept } = snapshots;
  const references: [KeyPath, unknown, Kind][] = [
    [["site", "settings"], site["settings"] ?? "instance_settings.py", "file"],
    [["site", "instance_config"], site["instance_config"], "file"],
    [["build", "ca_bundle"], build["ca_bundle"], "file"],
    [["source", "allowed_signers"], tableOf(file["source"])["allowed_signers"], "file"],
    [["local", "allowed_signers"], tableOf(file["local"])["allowed_signers"], "file"],
    [["rehearse", "sanitize"], tableOf(file["rehearse"])["sanitize"], "file"],
    [["messages", "maintenance_page"], messages["maintenance_page"], "page"],
    [["messages", "mail", "before"], tableOf(messages["mail"])["before"], "mail"],
    [["messages", "mail", "after"], tableOf(messages["mail"])["after"], "mail"],
    [["messages", "whats_new", "box"], whatsNew["box"], "newsBox"],
    [["messages", "whats_new", "page"], whatsNew["page"], "newsPage"],
    [["build", "http_proxy_file"], build["http_proxy_file"], "proxy"],
    [["build", "https_proxy_file"], build["https_proxy_file"], "proxy"],
    ...(["source", "local"] as const).map((section): [KeyPath, unknown, Kind] => {
      const { repository } = tableOf(file[section]);
      const location = typeof repository === "string" ? parseLocation(repository) : undefined;
      const local = typeof location === "object" && location.kind === "path";
      return [[section, "repository"], local ? location.text : undefined, "folder"];
    }),
    ...Object.entries(tableOf(file["secrets"])).map(([name, path]): [KeyPath, unknown, Kind] => [
      ["secrets", name],
      path,
      "secret",
    ]),
    inSnapshots("password_file", "secret"),
    inSnapshots("environment_file", "environment"),
    inSnapshots("ssh_key", "secret"),
    inSnapshots("known_hosts", "file"),
    ...(typeof kept === "string" && snapshotPlace(kept) === "folder"
      ? [inSnapshots("repository", "folder")]
      : []),
    [["scheduled", "report"], tableOf(file["scheduled"])["report"], "executable"],
    [["scheduled", "webhook_file"], tableOf(file["scheduled"])["webhook_file"], "webhook"],
    ...Object.entries(tableOf(file["hooks"])).map(([point, hook]): [KeyPath, unknown, Kind] => [
      ["hooks", point, "run"],
      tableOf(hook)["run"],
      "executable",
    ]),
  ];
  return references.flatMap(([path, name, kind]) =>
    typeof name === "string" && /^[^\p{Cc}]+$/u.test(name) ? [{ path, file: name, kind }] : [],
  );
}

async function troubleWith(path: string, kind: Kind): Promise<FileTrouble | undefined> {
  try {
    const found = await stat(path);
    if (kind === "folder") return found.isDirectory() ? undefined : "notAFolder";
    if (!found.isFile()) return "notAFile";
    await access(path, constants.R_OK);
    if (kind === "executable") return await executableTrouble(path);
    const secret = ["secret", "proxy", "webhook", "environment"].includes(kind);
    if (secret && (found.mode & 0o007) !== 0) return "worldReadable";
    if (kind === "proxy")
      return isProxyUrl(await readFile(path, "utf8")) ? undefined : "notAProxyUrl";
    if (kind === "webhook") {
      return isWebhookUrl((await readFile(path, "utf8")).trim()) ? undefined : "notAWebhookUrl";
    }
    if (kind === "environment" && environmentIn(await readFile(path, "utf8")) === undefined) {
      return "notAnEnvironment";
    }
    return undefined;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? "missing" : "unreadable";
  }
}

async function templateFault(path: string, kind: Kind): Promise<Fault | undefined> {
  if (!isTemplate(kind)) return undefined;
  const { required, optional } = templates[kind];
  const faults = templateFaults(await readFile(path, "utf8"), templates[kind]);
  if (faults.unknown.length + faults.missing.length === 0) return undefined;
  return { kind: "template", path, known: [...required, ...optional], ...faults };
}

function isTemplate(kind: Kind): kind is keyof typeof templates {
  return Object.hasOwn(templates, kind);
}

async function executableTrouble(path: string): Promise<FileTrouble | undefined> {
  return access(path, constants.X_OK).then(
    () => undefined,
    () => "notExecutable",
  );
}

function isProxyUrl(text: string): boolean {
  return /^https?:\/\/[^\s/]+\/?$/.test(text.trim());
}
