import { parseDuration } from "./duration.ts";
import type { Finding, Rule } from "./problem.ts";
import { snapshotPlace } from "./snapshot-place.ts";
import { type KeyPath, type Table, tableOf } from "../lib/toml.ts";
import { parseLocation } from "../source/location.ts";
import { bannerPlaceholders, templateFaults } from "../lib/template.ts";
import { contrast, defaultColours, leastContrast } from "./contrast.ts";

/**
 * Rules that involve several keys. They look at the file as it was written rather than as it was parsed,
 * so that their faults are told together with all others; what has a fault of its own is passed over.
 */
export function crossFieldFindings(file: Table): Finding[] {
  return [
    ...repositoryFindings(file, "source"),
    ...repositoryFindings(file, "local"),
    ...localFindings(file),
    ...holdFindings(file),
    ...messageFindings(file),
    ...buildFindings(file),
    ...scheduledFindings(file),
    ...snapshotFindings(file),
  ];
}

function repositoryFindings(file: Table, section: "source" | "local"): Finding[] {
  const { repository, allow_http: allowHttp } = tableOf(file[section]);
  if (typeof repository !== "string") return [];
  const location = parseLocation(repository);
  if (typeof location === "string") return [broken(location, section, "repository")];
  if (location.kind === "url" && location.insecure && allowHttp !== true) {
    return [broken("repositoryHttp", section, "repository")];
  }
  return [];
}

function localFindings(file: Table): Finding[] {
  const local = tableOf(file["local"]);
  const keys = ["ref", "branch", "refs"];
  const rules = keys.filter((key) => local[key] !== undefined);
  if (file["local"] === undefined) return [];
  if (local["repository"] === undefined && local["folder"] === undefined) {
    return [broken("localNothing", "local")];
  }
  if (local["repository"] !== undefined && local["folder"] !== undefined) {
    return [broken("localTwice", "local", "folder")];
  }
  if (local["folder"] !== undefined) {
    return [...keys, "allowed_signers"]
      .filter((key) => local[key] !== undefined)
      .map((key) => broken("localRuleWithFolder", "local", key));
  }
  if (rules.length === 0) return [broken("localRuleMissing", "local", "repository")];
  const twice = local["ref"] !== undefined && local["branch"] !== undefined;
  return twice ? [broken("localRuleTwice", "local", "branch")] : [];
}

function holdFindings(file: Table): Finding[] {
  const findings: Finding[] = [];
  const hold = tableOf(file["hold"]);
  const probation = tableOf(file["probation"]);
  const drain = durationOf(hold["drain"], "10s");
  if (drain >= durationOf(hold["max"], "30s")) {
    findings.push(broken("drainTooLong", "hold", hold["drain"] === undefined ? "max" : "drain"));
  }
  const watched = durationOf(probation["duration"], "2m");
  if (watched > 0 && durationOf(probation["interval"], "5s") > watched) {
    const key = probation["interval"] === undefined ? "duration" : "interval";
    findings.push(broken("intervalTooLong", "probation", key));
  }
  return findings;
}

function messageFindings(file: Table): Finding[] {
  const { swap_banner: text, background, foreground } = tableOf(file["messages"]);
  const findings: Finding[] = [];
  if (typeof text === "string") {
    const faults = templateFaults(text, bannerPlaceholders);
    if (faults.unknown.length > 0) {
      const known = bannerPlaceholders.optional;
      const fault = { kind: "template", path: undefined, known, ...faults } as const;
      findings.push({ path: ["messages", "swap_banner"], fault });
    }
  }
  const one = background ?? defaultColours.background;
  const other = foreground ?? defaultColours.foreground;
  // What is no colour has a fault of its own; compared, it is NaN.
  if (
    typeof one === "string" &&
    typeof other === "string" &&
    contrast(one, other) < leastContrast
  ) {
    const key = foreground === undefined ? "background" : "foreground";
    findings.push(broken("contrast", "messages", key));
  }
  return findings;
}

function buildFindings(file: Table): Finding[] {
  const build = tableOf(file["build"]);
  const findings = ["http_proxy", "https_proxy"]
    .filter((key) => build[key] !== undefined && build[`${key}_file`] !== undefined)
    .map((key) => broken("proxyTwice", "build", `${key}_file`));
  const seen = new Set<unknown>();
  const versions = Array.isArray(build["versions"]) ? build["versions"] : [];
  for (const [index, entry] of versions.entries()) {
    const { from } = tableOf(entry);
    if (from !== undefined && seen.has(from)) {
      findings.push(broken("versionTwice", "build", "versions", index, "from"));
    }
    seen.add(from);
  }
  return findings;
}

function scheduledFindings(file: Table): Finding[] {
  const { webhook, webhook_file: inFile } = tableOf(file["scheduled"]);
  const twice = webhook !== undefined && inFile !== undefined;
  return twice ? [broken("webhookTwice", "scheduled", "webhook_file")] : [];
}

function snapshotFindings(file: Table): Finding[] {
  const snapshots = tableOf(tableOf(file["backup"])["snapshots"]);
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

function durationOf(value: unknown, otherwise: string): number {
  if (value === undefined) return parseDuration(otherwise) ?? Number.NaN;
  // A comparison with NaN is false: a duration that can't be read has a fault of its own already.
  return (typeof value === "string" ? parseDuration(value) : undefined) ?? Number.NaN;
}
