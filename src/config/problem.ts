/** One thing wrong with `updater.toml`; its texts are in `src/text/<language>/configuration.ts`. */
export type Fault =
  | { readonly kind: "unknownKey"; readonly suggestion: string | undefined }
  | { readonly kind: "missing" }
  | { readonly kind: "wrongType"; readonly expected: ValueType }
  | { readonly kind: "notOneOf"; readonly allowed: readonly string[] }
  | { readonly kind: "tooSmall"; readonly minimum: string }
  | { readonly kind: "tooBig"; readonly maximum: string }
  | { readonly kind: "empty" }
  | { readonly kind: "rule"; readonly rule: Rule }
  | { readonly kind: "file"; readonly trouble: FileTrouble; readonly path: string }
  | {
      readonly kind: "template";
      /** Undefined when the template is the value itself. */
      readonly path: string | undefined;
      /** Placeholders there are not, and those that must be there. */
      readonly unknown: readonly string[];
      readonly missing: readonly string[];
      readonly known: readonly string[];
    };

export type FaultOf<Kind extends Fault["kind"]> = Extract<Fault, { readonly kind: Kind }>;

export type ValueType = "text" | "number" | "wholeNumber" | "boolean" | "list" | "table";

/** What a value, or several together, must satisfy. */
export type Rule =
  | "address"
  | "domainName"
  | "colour"
  | "contrast"
  | "duration"
  | "gitRef"
  | "hostName"
  | "identifier"
  | "imageName"
  | "instanceName"
  | "packageName"
  | "pagePath"
  | "path"
  | "plainFolder"
  | "proxyUrl"
  | "pythonVersion"
  | "schedule"
  | "secretName"
  | "singleLine"
  | "timeZone"
  | "version"
  | "repository"
  | "snapshotRepository"
  | "snapshotPassword"
  | "snapshotSsh"
  | "snapshotOtherPlace"
  | "repositoryHttp"
  | "repositoryPassword"
  | "proxyPassword"
  | "proxyTwice"
  | "webhookUrl"
  | "webhookTwice"
  | "mailAddress"
  | "localNothing"
  | "localTwice"
  | "localRuleMissing"
  | "localRuleTwice"
  | "localRuleWithFolder"
  | "drainTooLong"
  | "intervalTooLong"
  | "versionTwice";

export type FileTrouble =
  | "missing"
  | "unreadable"
  | "notAFile"
  | "notAFolder"
  | "notExecutable"
  | "worldReadable"
  | "notAProxyUrl"
  | "notAWebhookUrl"
  | "notAnEnvironment";

/** A key's place: names of tables and keys, and positions in lists. */
export type KeyPath = readonly (string | number)[];

export interface Finding {
  readonly path: KeyPath;
  readonly fault: Fault;
}

/** As a person reads it: `line` is undefined when the key isn't in the file at all. */
export interface Problem {
  readonly line: number | undefined;
  readonly key: string;
  readonly fault: Fault;
}

/** `build.versions[2].python`, with quotes where TOML needs them. */
export function keyName(path: KeyPath): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part + 1}]`;
      const name = /^[A-Za-z0-9_-]+$/.test(part) ? part : JSON.stringify(part);
      return index === 0 ? name : `.${name}`;
    })
    .join("");
}
