import { environmentIn } from "./environment-file.ts";
import type { FileTrouble } from "./problem.ts";
import { snapshotPlace } from "./snapshot-place.ts";
import * as template from "../lib/template.ts";
import { parseLocation } from "../source/location.ts";

/** What must be true of a file that the configuration names, besides that it can be read. */
export interface Expected {
  /** Which texts name one: all on one line, if not said otherwise. */
  readonly names?: (text: string) => boolean;
  readonly folder?: true;
  readonly executable?: true;
  /** Not every user of the machine may read it. */
  readonly secret?: true;
  readonly template?: template.Placeholders;
  /** What its text must be, and what is said when it isn't. */
  readonly holds?: readonly [(text: string) => boolean, FileTrouble];
}

const kinds = {
  file: {},
  executable: { executable: true },
  secret: { secret: true },
  environment: {
    secret: true,
    holds: [(text) => environmentIn(text) !== undefined, "notAnEnvironment"],
  },
  proxy: { secret: true, holds: [(text) => isProxyUrl(text.trim()), "notAProxyUrl"] },
  webhook: { secret: true, holds: [(text) => isWebhookUrl(text.trim()), "notAWebhookUrl"] },
  maintenancePage: { template: template.maintenancePlaceholders },
  mail: { template: template.mailPlaceholders },
  newsBox: { template: template.newsBoxPlaceholders },
  newsPage: { template: template.newsPagePlaceholders },
  repository: { folder: true, names: isLocal },
  snapshotRepository: { folder: true, names: (text) => snapshotPlace(text) === "folder" },
} satisfies Record<string, Expected>;

export type FileKind = keyof typeof kinds;

export const expectedOf: Readonly<Record<FileKind, Expected>> = kinds;

export const oneLine = /^[^\p{Cc}]+$/u;

/** A proxy's URL, with a password or without. */
export function isProxyUrl(text: string): boolean {
  return /^https?:\/\/[^\s/]+\/?$/.test(text);
}

export function isWebhookUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username + url.password === "";
}

/** Of the repositories that git knows, those that are folders of this machine. */
function isLocal(repository: string): boolean {
  const location = parseLocation(repository);
  return typeof location === "object" && location.kind === "path";
}
