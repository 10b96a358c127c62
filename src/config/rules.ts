import { parseDuration } from "./duration.ts";
import type { Finding, Rule } from "./problem.ts";
import { settingIn } from "./schema-tree.ts";
import { snapshotPlace } from "./snapshot-place.ts";
import { type KeyPath, type Table, tableOf } from "../lib/toml.ts";
import { parseLocation } from "../source/location.ts";
import { bannerPlaceholders, templateFaults } from "../lib/template.ts";
import { contrast, leastContrast } from "./contrast.ts";

/**
 * Rules that involve several keys. They look at the file as it was written rather than as it was parsed,
 * so that their faults are told together with all others; what has a fault of its own is passed over.
 */
export function crossFieldFindings(file: Table): Finding[] {
  return [
    ...repositoryFindings(file, "source"),
    ...repositoryFindings(file, "local"),
    ...localFindings(file),
    ...durationFindings(file),
    ...bannerFindings(file),
    ...urlFindings(file),
    ...versionFindings(file),
    ...snapshotFindings(file),
  ];
}

function repositoryFindings(file: Table, section: "source" | "local"): Finding[] {
  const repository = settingIn(file, section, "repository");
  if (typeof repository !== "string") return [];
  const location = parseLocation(repository);
  if (typeof location === "string") return [broken(location, section, "repository")];
  const allowed = location.kind === "path" || !location.insecure;
  if (allowed || settingIn(file, section, "allow_http") === true) return [];
  return [broken("repositoryHttp", section, "repository")];
}

function localFindings(file: Table): Finding[] {
  if (file["local"] === undefined) return [];
  const local = tableOf(file["local"]);
  const written = (keys: readonly string[]) => keys.filter((key) => local[key] !== undefined);
  const rules = written(["ref", "branch", "refs"]);
  const places = written(["repository", "folder"]);
  if (places.length === 0) return [broken("localNothing", "local")];
  if (places.length === 2) return [broken("localTwice", "local", "folder")];
  if (places[0] === "folder") {
    const useless = [...rules, ...written(["allowed_signers"])];
    return useless.map((key) => broken("localRuleWithFolder", "local", key));
  }
  if (rules.length === 0) return [broken("localRuleMissing", "local", "repository")];
  const twice = rules.includes("ref") && rules.includes("branch");
  return twice ? [broken("localRuleTwice", "local", "branch")] : [];
}

function durationFindings(file: Table): Finding[] {
  const [drain, max] = [durationIn(file, "hold", "drain"), durationIn(file, "hold", "max")];
  const watched = durationIn(file, "probation", "duration");
  const interval = durationIn(file, "probation", "interval");
  return [
    ...(drain >= max ? [broken("drainTooLong", ...blamed(file, "hold", "drain", "max"))] : []),
    ...(watched > 0 && interval > watched
      ? [broken("intervalTooLong", ...blamed(file, "probation", "interval", "duration"))]
      : []),
  ];
}

function bannerFindings(file: Table): Finding[] {
  const findings: Finding[] = [];
  const [text, background, foreground] = ["swap_banner", "background", "foreground"].map((key) =>
    settingIn(file, "messages", key),
  );
  if (typeof text === "string") {
    const faults = templateFaults(text, bannerPlaceholders);
    if (faults.unknown.length > 0) {
      const known = bannerPlaceholders.optional;
      const fault = { kind: "template", path: undefined, known, ...faults } as const;
      findings.push({ path: ["messages", "swap_banner"], fault });
    }
  }
  if (typeof background !== "string" || typeof foreground !== "string") return findings;
  // What is no colour has a fault of its own; compared, it is NaN.
  if (contrast(background, foreground) < leastContrast) {
    findings.push(broken("contrast", ...blamed(file, "messages", "foreground", "background")));
  }
  return findings;
}

/** A URL that is written here, and in a file too. */
function urlFindings(file: Table): Finding[] {
  const urls = [
    ["build", "http_proxy", "proxyTwice"],
    ["build", "https_proxy", "proxyTwice"],
    ["scheduled", "webhook", "webhookTwice"],
  ] as const;
  return urls.flatMap(([section, key, rule]) => {
    const { [key]: url, [`${key}_file`]: inFile } = tableOf(file[section]);
    const twice = url !== undefined && inFile !== undefined;
    return twice ? [broken(rule, section, `${key}_file`)] : [];
  });
}

function versionFindings(file: Table): Finding[] {
  const versions = settingIn(file, "build", "versions");
  const seen = new Set<unknown>();
  return (Array.isArray(versions) ? versions : []).flatMap((entry, index) => {
    const { from } = tableOf(entry);
    const twice = from !== undefined && seen.has(from);
    seen.add(from);
    return twice ? [broken("versionTwice", "build", "versions", index, "from")] : [];
  });
}

function snapshotFindings(file: Table): Finding[] {
  const snapshots = tableOf(settingIn(file, "backup", "snapshots"));
  const { repository } = snapshots;
  const place = typeof repository === "string" ? snapshotPlace(repository) : undefined;
  if (place === undefined) return [];
  const at = (rule: Rule, key: string) => broken(rule, "backup", "snapshots", key);
  const absent = (key: string) => snapshots[key] === undefined;
  const missing = (rule: Rule, keys: readonly string[]) =>
    keys.filter(absent).map((key) => at(rule, key));
  const useless = (keys: readonly string[]) =>
    keys.filter((key) => !absent(key)).map((key) => at("snapshotOtherPlace", key));
  if (place === "folder") return useless(["environment_file", "ssh_key", "known_hosts"]);
  const elsewhere = missing("snapshotPassword", ["password_file"]);
  if (place === "s3") return [...elsewhere, ...useless(["ssh_key", "known_hosts"])];
  const ssh = missing("snapshotSsh", ["ssh_key", "known_hosts"]);
  return [...elsewhere, ...ssh, ...useless(["environment_file"])];
}

function broken(rule: Rule, ...path: KeyPath): Finding {
  return { path, fault: { kind: "rule", rule } };
}

/** Of two keys that contradict each other, the one to change: a default is not to blame. */
function blamed(file: Table, section: string, key: string, otherwise: string): [string, string] {
  return [section, tableOf(file[section])[key] === undefined ? otherwise : key];
}

/** Milliseconds. Comparisons with NaN are false: a duration that can't be read has a fault of its own. */
function durationIn(file: Table, section: string, key: string): number {
  const value = settingIn(file, section, key);
  return (typeof value === "string" ? parseDuration(value) : undefined) ?? Number.NaN;
}
