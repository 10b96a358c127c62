import { isIP } from "node:net";
import camelcaseKeys from "camelcase-keys";
import { Cron } from "croner";
import { z } from "zod";
import { durationPattern, parseDuration } from "./duration.ts";
import { type FileKind, isProxyUrl, isWebhookUrl, oneLine } from "./file-kinds.ts";
import type { Fault, Rule } from "./problem.ts";
import { isPlainFolder, isPlainRef } from "../source/names.ts";
import { snapshotPlace } from "./snapshot-place.ts";

/** What was read is not changed by the program. */
export type Immutable<Read> = { readonly [Key in keyof Read]: Immutable<Read[Key]> };

declare const unit: unique symbol;
/** A duration, until `table` has put the unit into the name of its key. */
type Milliseconds = number & { readonly [unit]: "ms" };

type WithUnits<Read> = {
  [
    Key in keyof Read as NonNullable<Read[Key]> extends Milliseconds ? `${Key & string}_ms` : Key
  ]: NonNullable<Read[Key]> extends Milliseconds
    ? number | Extract<Read[Key], undefined>
    : Read[Key];
};

/**
 * A table of the file. The program knows its keys in camelCase, durations with their unit (`max_age`, `maxAgeMs`), and
 * those that are not there as undefined; the keys of a record are the site's, and stay as they are.
 */
export function table<Keys extends z.core.$ZodShape>(keys: Keys) {
  const names = Object.entries(keys).map(([key, value]) => {
    const isDuration = z.toJSONSchema(value, { io: "input" })["range"] !== undefined;
    return [key, isDuration ? `${key}_ms` : key] as const;
  });
  return z.strictObject(keys).transform((read) => {
    const known = names.map(([key, name]) => [name, Reflect.get(read, key) as unknown]);
    return camelcaseKeys(Object.fromEntries(known) as WithUnits<Required<typeof read>>);
  });
}

/** Text that satisfies a rule; the fault travels in the parameters. */
function ruled(rule: Rule, test: RegExp | ((text: string) => boolean)) {
  const accepts = test instanceof RegExp ? (text: string) => test.test(text) : test;
  const text = z
    .string()
    .refine(accepts, { params: { fault: { kind: "rule", rule } satisfies Fault } });
  return test instanceof RegExp ? text.meta({ pattern: test.source }) : text;
}

export const flag = (otherwise: boolean) => z.boolean().default(otherwise);
export const whole = (least: number, most: number) => z.int().min(least).max(most);

const label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const domain = new RegExp(String.raw`^(?=.{1,253}$)${label}(\.${label})*$`);

export const instanceName = ruled("instanceName", /^[a-z][a-z0-9-]{0,30}$/);
const path = ruled("path", oneLine);
/** The path of a file, from the folder of `updater.toml`; absolute once it is read. */
export const file = (kind: FileKind = "file") => path.meta({ file: kind });
export const repository = z
  .string()
  .min(1)
  .meta({ file: "repository" satisfies FileKind });
/** A folder, or what restic calls a repository on another host or in S3-compatible storage. */
export const snapshotRepository = ruled(
  "snapshotRepository",
  (text) => snapshotPlace(text) !== undefined,
).meta({ file: "snapshotRepository" satisfies FileKind });
export const gitRef = ruled("gitRef", isPlainRef);
export const folder = ruled("plainFolder", isPlainFolder);
export const version = ruled("version", /^v?\d{1,6}(\.\d{1,6}){0,3}$/);
export const hostName = ruled("hostName", domain);
export const address = ruled("address", (text) => isIP(text) !== 0);
export const pagePath = ruled("pagePath", /^\/([!-.0-~][!-~]*)?$/);
export const singleLine = ruled("singleLine", /^[^\p{Cc}]{1,200}$/u);
export const colour = ruled("colour", /^#[0-9A-Fa-f]{6}$/);
/** Safe unquoted in SQL and on a command line. */
export const identifier = ruled("identifier", /^[a-z_][a-z0-9_]{0,62}$/);
export const secretName = ruled("secretName", /^[a-z0-9][a-z0-9_.-]{0,62}$/);
export const proxyUrl = z
  .string()
  .refine((text) => !text.includes("@"), {
    params: { fault: { kind: "rule", rule: "proxyPassword" } satisfies Fault },
    abort: true,
  })
  .refine(isProxyUrl, {
    params: { fault: { kind: "rule", rule: "proxyUrl" } satisfies Fault },
  });
export const webhookUrl = ruled("webhookUrl", isWebhookUrl);
export const mailAddress = ruled("mailAddress", /^[^\s@,;<>"]{1,64}@[^\s@,;<>"]{1,253}$/);
export const noProxyEntry = ruled("domainName", /^(\*|\.?[A-Za-z0-9][A-Za-z0-9.:/_-]*)$/);
export const packageName = ruled("packageName", /^[A-Za-z0-9][A-Za-z0-9._-]*$/);
export const pythonVersion = ruled("pythonVersion", /^3\.\d{1,2}$/);
export const imageName = ruled("imageName", /^[a-z0-9][A-Za-z0-9._/:@-]*$/);

export const timeZone = ruled("timeZone", (text) =>
  accepted(() => new Intl.DateTimeFormat("en", { timeZone: text })),
);
/** What texts are sorted by: that of a language, or C, by their bytes. */
export const locale = ruled(
  "locale",
  (text) => text === "C" || accepted(() => Intl.Collator.supportedLocalesOf(text)[0] ?? null),
);
/** Five fields as in cron, or "off"; read into the fields, or nothing. */
export const schedule = ruled(
  "schedule",
  (text) => text === "off" || accepted(() => new Cron(text, { mode: "5-part" }).nextRun()),
).transform((text) => (text === "off" ? undefined : text));

export const onFailure = z.enum(["abort", "continue"]).default("abort");

/** Whether a library can read it, and makes something of it. */
function accepted(read: () => unknown): boolean {
  try {
    return read() !== null;
  } catch {
    return false;
  }
}

/** A duration between two others, read into milliseconds. */
export function duration(minimum: string, maximum: string) {
  const [least, most] = [parseDuration(minimum) ?? 0, parseDuration(maximum) ?? Infinity];
  const value = (text: string) => parseDuration(text) ?? 0;
  return ruled("duration", durationPattern)
    .refine((text) => !durationPattern.test(text) || value(text) >= least, {
      params: { fault: { kind: "tooSmall", minimum } satisfies Fault },
    })
    .refine((text) => value(text) <= most, {
      params: { fault: { kind: "tooBig", maximum } satisfies Fault },
    })
    .meta({ pattern: durationPattern.source, range: [minimum, maximum] })
    .transform((text) => value(text) as Milliseconds);
}
