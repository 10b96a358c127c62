const valueTypes = {
  text: 'text between quotes, "like this"',
  number: "a number",
  wholeNumber: "a whole number",
  boolean: "true or false",
  list: 'a list, ["like", "this"]',
  table: "a table",
};

const rules = {
  address: "must be an IP address, for example 127.0.0.1",
  domainName: "must be a host or domain name",
  colour: 'must be a colour such as "#1f5673"',
  contrast: "cannot be read well on the other colour: their contrast must be 4.5 at least",
  duration: "must be a duration such as 30s, 2m, 12h or 7d",
  gitRef: "must be the plain name of a branch, tag or commit",
  hostName: "must be a host name without https:// or port, for example biomaid.example.org",
  identifier: "must be lower-case letters, digits and _, and not begin with a digit",
  imageName: "must be the name of an image",
  instanceName:
    "must be lower-case letters, digits and -, begin with a letter, at most 31 characters",
  packageName: "must be letters, digits, ., _ and -",
  pagePath: "must be the path of a page, beginning with one /",
  path: "must be the path of a file, on one line",
  plainFolder: "must be a plain folder name inside BiomAid's own tree, for example local_biomaid",
  proxyUrl: "must be a proxy such as http://proxy.example.org:3128",
  pythonVersion: "must be a Python version such as 3.11",
  schedule:
    'must be five fields as in cron, for example "11 2 * * *", that occur some day; or "off"',
  secretName: "must be lower-case letters, digits, ., _ and -",
  singleLine: "must be one line of text",
  locale: "must be the name of a language, for example fr-FR, or C",
  timeZone: "must be the name of a time zone, for example Europe/Paris",
  version: "must be a version such as 0.14 or 0.14.10",
  repository: "must be an https:// or ssh:// URL, git@host:path, or the path of a folder",
  snapshotRepository:
    "must be the path of a folder, sftp:user@host:/path, or s3:https://host/bucket/path, without a password",
  snapshotPassword: "is needed for a place on another machine: what goes there is encrypted",
  snapshotSsh: "is needed for sftp: nobody is there to answer ssh's questions",
  snapshotOtherPlace: "is of no use for this kind of repository",
  repositoryHttp:
    "uses http://, which anyone on the way can alter; use https://, or set allow_http = true",
  repositoryPassword:
    "holds a user name or password, which `ps` would show; use ssh:// with a key, or a git credential helper",
  proxyPassword:
    "holds a password; put the URL in a file of its own and name it with http_proxy_file or https_proxy_file",
  proxyTwice: "says the same as the key without _file; keep one of them",
  webhookUrl:
    "must be a URL such as https://chat.example.org/hooks/biomaid, without a user name or password",
  webhookTwice: "says the same as webhook; keep one of them",
  mailAddress: "must be a mail address",
  localNothing: "needs a repository (with ref, branch or refs), or a folder of BiomAid's own tree",
  localTwice: "cannot go with repository; keep one of them",
  localRuleMissing: 'needs a rule: ref = "same-tag", branch = "…", or a table [local.refs]',
  localRuleTwice: "cannot go with ref; keep one of them",
  localRuleWithFolder: "is of use with repository only; a folder is taken from BiomAid's own tag",
  drainTooLong: "must leave time for the rest of the swap: drain has to be shorter than max",
  intervalTooLong: "leaves no check at all: interval must not be longer than duration",
  versionTwice: "has an entry already",
};

const troubles = {
  missing: (path: string) => `${path} does not exist`,
  unreadable: (path: string) => `${path} cannot be read`,
  notAFile: (path: string) => `${path} is not a file`,
  notAFolder: (path: string) => `${path} is not a folder`,
  notExecutable: (path: string) => `${path} cannot be executed; type: chmod +x ${path}`,
  worldReadable: (path: string) =>
    `${path} is open to every user of this machine; type: chmod 600 ${path}`,
  notAnEnvironment: (path: string) => `${path} must hold a line NAME=value for each variable`,
  notAProxyUrl: (path: string) =>
    `${path} must hold one line like http://user:password@proxy.example.org:3128`,
  notAWebhookUrl: (path: string) =>
    `${path} must hold one line like https://chat.example.org/hooks/TOKEN`,
};

/** One thing wrong with a value of updater.toml. */
export type Fault =
  | { readonly kind: "unknownKey"; readonly suggestion: string | undefined }
  | { readonly kind: "missing" }
  | { readonly kind: "wrongType"; readonly expected: keyof typeof valueTypes }
  | { readonly kind: "notOneOf"; readonly allowed: readonly string[] }
  | { readonly kind: "tooSmall"; readonly minimum: string }
  | { readonly kind: "tooBig"; readonly maximum: string }
  | { readonly kind: "empty" }
  /** What a value, or several together, must satisfy. */
  | { readonly kind: "rule"; readonly rule: keyof typeof rules }
  | { readonly kind: "file"; readonly trouble: keyof typeof troubles; readonly path: string }
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

/** As a person reads it: `line` is undefined when the key isn't in the file at all. */
export interface Problem {
  readonly line: number | undefined;
  readonly key: string;
  readonly fault: Fault;
}

const faults: { readonly [Kind in Fault["kind"]]: (fault: FaultOf<Kind>) => string } = {
  unknownKey: (fault) =>
    fault.suggestion === undefined
      ? "unknown key"
      : `unknown key; did you mean ${fault.suggestion}?`,
  missing: () => "is missing",
  wrongType: (fault) => `must be ${valueTypes[fault.expected]}`,
  notOneOf: (fault) => `must be ${fault.allowed.map((value) => `"${value}"`).join(" or ")}`,
  tooSmall: (fault) => `must be at least ${fault.minimum}`,
  tooBig: (fault) => `must be at most ${fault.maximum}`,
  empty: () => "must not be empty",
  rule: (fault) => rules[fault.rule],
  file: (fault) => troubles[fault.trouble](fault.path),
  template: ({ path, unknown, missing, known }) =>
    [
      ...unknown.map((name) => `${path ?? "it"} has a placeholder {{${name}}} that does not exist`),
      ...missing.map((name) => `${path} lacks {{${name}}}`),
      `there are ${known.map((name) => `{{${name}}}`).join(", ")}`,
    ].join("; "),
};

function textOf<Kind extends Fault["kind"]>(fault: FaultOf<Kind>): string {
  const text: (fault: FaultOf<Kind>) => string = faults[fault.kind];
  return text(fault);
}

function problemLine({ line, key, fault }: Problem): string {
  return `  ${line === undefined ? "" : `line ${line}: `}${key}: ${textOf(fault)}`;
}

export const configuration = {
  errors: {
    configurationMissing: ({ file }: { file: string }) => ({
      what: `There is no configuration ${file}.`,
      next: "Write it (docs/configuration.md begins with a short one), or name another with --config FILE.",
    }),
    configurationUnreadable: ({ file, reason }: { file: string; reason: string }) => ({
      what: `The configuration ${file} cannot be read: ${reason}`,
      next: `Look at its permissions: ls -l ${file}`,
    }),
    configurationSyntax: (problem: {
      file: string;
      line: number;
      column: number;
      reason: string;
      excerpt: string;
    }) => ({
      what: `${problem.file} is not valid TOML, line ${problem.line}, column ${problem.column}: ${problem.reason}\n${problem.excerpt}`,
      next: "Correct that line, then try again.",
    }),
    configurationInvalid: ({ file, problems }: { file: string; problems: readonly Problem[] }) => ({
      what: `${file} has ${problems.length === 1 ? "1 error" : `${problems.length} errors`}:\n${problems.map(problemLine).join("\n")}`,
      next: "Correct these lines, then try again; docs/configuration.md explains every key.",
    }),
    buildSettingsMissing: (missing: { version: string; first: string; file: string }) => ({
      what: `Nothing says how to build BiomAid ${missing.version}: the settings known begin with ${missing.first}.`,
      next: `Add to ${missing.file}: [[build.versions]] with from = "${missing.version}" and python = "…".`,
    }),
  },
};
