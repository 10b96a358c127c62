import { mkdirSync, writeFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadConfiguration } from "../../../src/config/load.ts";
import type { Problem } from "../../../src/config/problem.ts";
import { type Node, tree } from "../../../src/config/schema-tree.ts";
import type { UpdaterError } from "../../../src/errors.ts";
import { catalogueOf } from "../../../src/text/catalogue.ts";
import { least, useConfigurationFolder } from "../../support/configuration.ts";
import { damaged, expectClear, runs } from "../../support/hostile-input.ts";

const { path, write, load } = useConfigurationFolder();

async function refusal(text: string): Promise<UpdaterError> {
  return load(text).then(
    () => expect.fail("it should have been refused"),
    (error: UpdaterError) => error,
  );
}

async function problems(text: string): Promise<readonly Problem[]> {
  const error = await refusal(text);
  expect(error.code).toBe("configurationInvalid");
  return (error as UpdaterError<"configurationInvalid">).parameters.problems;
}

const rule = (rule: string) => ({ kind: "rule", rule });

/** What a file may say that says nothing: the keys of the tables that are always there, with their defaults. */
function defaultsOf(node: Node, path: readonly string[] = []): [string, unknown][] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]): [string, unknown][] => {
    const always = child.default !== undefined || node.required?.includes(key);
    if (child.properties && always) return defaultsOf(child, [...path, key]);
    const written = child.properties === undefined && child.default !== undefined;
    return written ? [[[...path, key].join("."), child.default]] : [];
  });
}

describe("a configuration", () => {
  test("needs four lines; everything else has a default", async () => {
    const configuration = await load(least);
    expect(configuration).toMatchObject({
      file: path("updater.toml"),
      instance: "biomaid",
      source: { repository: "https://forge.example.org/biomaid.git" },
      local: { kind: "folder", folder: "local_biomaid" },
      site: { settings: path("instance_settings.py"), workers: 3 },
      listen: { address: "127.0.0.1", port: 8080 },
      probe: { timeLimitMs: 10_000, user: undefined, userAgent: "BiomAid updater" },
      database: { name: "biomaid", role: "biomaid" },
      build: { extras: ["ldap"], httpProxy: undefined },
      hold: { maxMs: 30_000, drainMs: 10_000 },
      messages: {
        maintenancePage: undefined,
        swapBanner: undefined,
        mail: { groups: [], send: ["before", "after"], before: undefined },
        whatsNew: { enabled: false, forMs: 30 * 24 * 3_600_000, roles: {}, box: undefined },
      },
      probation: { durationMs: 120_000, intervalMs: 5_000, failures: 3, acceptDataLoss: false },
      rollback: { windowMs: 7 * 24 * 3_600_000, snapshotMedia: false, map: {} },
      adopt: { dumpBelowMs: 5_000 },
      retention: { generations: 1 },
      secrets: {},
      hooks: {},
    });
  });

  test("with every default written out is the same", async () => {
    const required = {
      "source.repository": "https://forge.example.org/biomaid.git",
      "local.repository": "git@forge.example.org:biomaid-local.git",
      "local.branch": "main",
      "site.host_names": ["biomaid.example.org"],
    };
    const text = (keys: object) =>
      Object.entries(keys)
        .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
        .join("");
    const defaults = Object.fromEntries(defaultsOf(tree));
    expect(defaults).toMatchObject({ "hold.max": "30s", "messages.mail.groups": [] });
    const { text: _, ...found } = await load(text({ ...required, ...defaults }));
    expect(await load(text(required))).toMatchObject(found);
  });

  test("keeps the names that a site gives, whatever they look like", async () => {
    write("key_file");
    const text = `${least.replace('folder = "local_biomaid"', 'repository = "git@h:x"\nrefs = {"0.8" = "a_b"}')}
[secrets]
api_key = "key_file"
[rollback.map.dem_demande]
code_uf = "'x'"
[messages.whats_new.roles]
chefs_de_projet = ["chef_projet"]
[hooks.local_dir_update]
run = "/bin/true"`;
    expect(await load(text)).toMatchObject({
      local: { refs: { "0.8": "a_b" } },
      secrets: { api_key: path("key_file") },
      rollback: { map: { dem_demande: { code_uf: "'x'" } } },
      messages: { whatsNew: { roles: { chefs_de_projet: ["chef_projet"] } } },
      hooks: { local_dir_update: { run: "/bin/true" } },
      jobs: { schedule: { quarter_hourly: "*/15 * * * *" } },
    });
  });

  test("has its relative paths resolved against its own folder", async () => {
    mkdirSync(path("biomaid"));
    write("mail");
    write("announce", "", 0o700);
    const text = `${least.replace("https://forge.example.org/biomaid.git", "biomaid")}
[secrets]
mail_password = "mail"
[hooks.users_inform_before]
run = "./announce"
on_failure = "continue"`;
    const configuration = await load(text);
    expect(configuration.source.repository).toBe(path("biomaid"));
    expect(configuration.secrets).toEqual({ mail_password: path("mail") });
    expect(configuration.hooks).toEqual({
      users_inform_before: {
        run: path("announce"),
        timeLimitMs: 60_000,
        onFailure: "continue",
      },
    });
  });

  test("may combine a table of local refs with a fallback", async () => {
    const local = `repository = "git@forge:local.git"\nref = "same-tag"\n[local.refs]\n"0.8.1" = "abc123"`;
    expect((await load(least.replace('folder = "local_biomaid"', local))).local).toEqual({
      kind: "repository",
      repository: "git@forge:local.git",
      refs: { "0.8.1": "abc123" },
      otherwise: { kind: "same-tag" },
    });
  });

  test("may begin with a byte order mark and have Windows line ends", async () => {
    expect((await load(`\uFEFF${least.replaceAll("\n", "\r\n")}`)).instance).toBe("biomaid");
  });
});

describe("a faulty configuration", () => {
  test("gets all its errors at once, each with its line and key, in the file's order", async () => {
    const found = await problems(`instanc = "x"
[source]
repository = "ext::sh -c id"
[local]
repository = "git@forge:local.git"
[site]
host_names = ["https://x"]
workers = "three"
[hold]
max = "5s"
[[build.versions]]
from = "0.14"
python = "3.11"
[[build.versions]]
from = "0.14"
python = 3.11
[secrets]
mail = "nowhere"
`);
    expect(found).toEqual([
      { line: 1, key: "instanc", fault: { kind: "unknownKey", suggestion: "instance" } },
      { line: 3, key: "source.repository", fault: rule("repository") },
      { line: 5, key: "local.repository", fault: rule("localRuleMissing") },
      { line: 7, key: "site.host_names[1]", fault: rule("hostName") },
      { line: 8, key: "site.workers", fault: { kind: "wrongType", expected: "number" } },
      { line: 10, key: "hold.max", fault: rule("drainTooLong") },
      { line: 15, key: "build.versions[2].from", fault: rule("versionTwice") },
      { line: 16, key: "build.versions[2].python", fault: { kind: "wrongType", expected: "text" } },
      {
        line: 18,
        key: "secrets.mail",
        fault: { kind: "file", trouble: "missing", path: path("nowhere") },
      },
    ]);
  });

  test("is told what is missing altogether", async () => {
    expect(await problems("")).toEqual([
      { line: undefined, key: "source", fault: { kind: "missing" } },
      { line: undefined, key: "local", fault: { kind: "missing" } },
      { line: undefined, key: "site", fault: { kind: "missing" } },
    ]);
  });

  test.each([
    ['[hold]\nmaks = "1s"', "hold.maks", "max"],
    ["port = 80", "port", "listen.port"],
    ["[database]\nuser = 1", "database.user", "probe.user"],
    ["[xyzzy]", "xyzzy", undefined],
    ["[__proto__]\nx = 1", "__proto__", undefined],
    [
      '[hooks.backup]\nrun = "updater.toml"\ntime-limit = "1s"',
      "hooks.backup.time-limit",
      "time_limit",
    ],
    [
      '[[build.versions]]\nfrom = "1"\npython = "3.11"\npyton = 1',
      "build.versions[1].pyton",
      "python",
    ],
  ])("gets a suggestion for an unknown key: %s", async (text, key, suggestion) => {
    const top = !text.startsWith("[");
    const found = await problems(top ? `${text}\n${least}` : `${least}${text}`);
    expect(found).toContainEqual(
      expect.objectContaining({ key, fault: { kind: "unknownKey", suggestion } }),
    );
  });

  test.each([
    ["[local]", "local", "localNothing"],
    ['[local]\nfolder = "a"\nrepository = "git@h:x"', "local.folder", "localTwice"],
    ['[local]\nfolder = "a"\nbranch = "main"', "local.branch", "localRuleWithFolder"],
    ['[local]\nfolder = "../a"', "local.folder", "plainFolder"],
    ['[local]\nrepository = "git@h:x"', "local.repository", "localRuleMissing"],
    [
      '[local]\nrepository = "git@h:x"\nref = "same-tag"\nbranch = "m"',
      "local.branch",
      "localRuleTwice",
    ],
    ['[local]\nrepository = "http://h/x"\nbranch = "m"', "local.repository", "repositoryHttp"],
    ['[local]\nrepository = "git@h:x"\nbranch = "--x"', "local.branch", "gitRef"],
    ['[local]\nrepository = "git@h:x"\nrefs = {"../x" = "a"}', 'local.refs."../x"', "version"],
  ])("is told what is wrong with its local rule: %s", async (local, key, broken) => {
    const found = await problems(least.replace(/\[local\]\n.*/, local));
    expect(found).toEqual([{ line: expect.any(Number) as number, key, fault: rule(broken) }]);
  });

  test.each([
    ['instance = "Prod"', "instance", rule("instanceName")],
    [`instance = "${"a".repeat(32)}"`, "instance", rule("instanceName")],
    ['listen.address = "localhost"', "listen.address", rule("address")],
    ["listen.port = 0", "listen.port", { kind: "tooSmall", minimum: "1" }],
    ["listen.port = 70000", "listen.port", { kind: "tooBig", maximum: "65535" }],
    ["listen.port = 80.5", "listen.port", { kind: "wrongType", expected: "wholeNumber" }],
    ["listen = 80", "listen", { kind: "wrongType", expected: "table" }],
    ['database.name = "x; drop"', "database.name", rule("identifier")],
    ['hold.max = "soon"', "hold.max", rule("duration")],
    ['hold.max = "2h"', "hold.max", { kind: "tooBig", maximum: "10m" }],
    ['hold.drain = "10ms"', "hold.drain", { kind: "tooSmall", minimum: "1s" }],
    ["hold.max = 2026-01-01", "hold.max", { kind: "wrongType", expected: "text" }],
    ['probation.interval = "9m"', "probation.interval", rule("intervalTooLong")],
    ["probe.pages = []", "probe.pages", { kind: "empty" }],
    ['probe.pages = ["//evil"]', "probe.pages[1]", rule("pagePath")],
    ["retention.generations = 4", "retention.generations", { kind: "tooBig", maximum: "3" }],
    ['secrets.Mail = "updater.toml"', "secrets.Mail", rule("secretName")],
    ['secrets.".." = "updater.toml"', 'secrets.".."', rule("secretName")],
    ['build.https_proxy = "http://me:pw@h:1"', "build.https_proxy", rule("proxyPassword")],
    ['build.https_proxy = "socks://h"', "build.https_proxy", rule("proxyUrl")],
    ['hooks.backup = {run = "updater.toml"}', "hooks.backup.run", { trouble: "notExecutable" }],
    ['hooks.backup = {run = "."}', "hooks.backup.run", { trouble: "notAFile" }],
    ['scheduled.webhook = "https://me:pw@h/x"', "scheduled.webhook", rule("webhookUrl")],
    ['scheduled.webhook = "chat.example.org"', "scheduled.webhook", rule("webhookUrl")],
    [
      'scheduled = {webhook = "https://h/x", webhook_file = "instance_settings.py"}',
      "scheduled.webhook_file",
      rule("webhookTwice"),
    ],
    [
      'scheduled.webhook_file = "updater.toml"',
      "scheduled.webhook_file",
      { trouble: "notAWebhookUrl" },
    ],
    ['scheduled.mail = ["it"]', "scheduled.mail[1]", rule("mailAddress")],
    ['site.settings = "x"', "site.settings", { trouble: "missing" }],
  ])("is told what is wrong with %s", async (line, key, fault) => {
    const host = 'site.host_names = ["h"]\n';
    const text = line.startsWith("site.") ? least.replace(/\[site\]\n.*\n/, "") : least;
    const found = await problems(
      line.startsWith("site.") ? `${host}${line}\n${text}` : `${line}\n${text}`,
    );
    expect(found).toMatchObject([{ key, fault }]);
    expect(found[0]!.line).toBe(line.startsWith("site.") ? 2 : 1);
  });

  test("is told of every file that is not there, whichever key names it", async () => {
    const keys = [
      "source.repository",
      "source.allowed_signers",
      "local.repository",
      "local.allowed_signers",
      "site.settings",
      "site.instance_config",
      "secrets.mail",
      "build.ca_bundle",
      "build.http_proxy_file",
      "build.https_proxy_file",
      "messages.maintenance_page",
      "messages.mail.before",
      "messages.mail.after",
      "messages.whats_new.box",
      "messages.whats_new.page",
      "rehearse.sanitize",
      "backup.snapshots.repository",
      "backup.snapshots.password_file",
      "scheduled.report",
      "scheduled.webhook_file",
      "hooks.users_inform_before.run",
      "hooks.users_inform_after.run",
    ];
    const lines = [...keys.map((key) => `${key} = "nowhere"`), 'site.host_names = ["h"]'];
    const fault = { kind: "file", trouble: "missing", path: path("nowhere") };
    expect(await problems(`local.branch = "main"\n${lines.join("\n")}`)).toEqual(
      keys.map((key, index) => ({ line: index + 2, key, fault })),
    );
  });

  test("is told of the program of a hook although there is no such point", async () => {
    for (const point of ["backups", "__proto__"]) {
      expect(await problems(`${least}[hooks.${point}]\nrun = "nowhere"`)).toMatchObject([
        { key: `hooks.${point}`, fault: { kind: "unknownKey" } },
        { key: `hooks.${point}.run`, fault: { kind: "file", trouble: "missing" } },
      ]);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test.each([
    ["rest:https://h/", { repository: rule("snapshotRepository") }],
    ["s3:https://key:pw@h/b", { repository: rule("snapshotRepository") }],
    ["absent", { repository: { trouble: "missing" } }],
    [
      "sftp:u@h:/b",
      {
        password_file: rule("snapshotPassword"),
        ssh_key: rule("snapshotSsh"),
        known_hosts: rule("snapshotSsh"),
      },
    ],
    ["s3:https://h/b", { password_file: rule("snapshotPassword") }],
    [
      '."\npassword_file = "open"\nknown_hosts = "hosts',
      { password_file: { trouble: "worldReadable" }, known_hosts: rule("snapshotOtherPlace") },
    ],
    [
      's3:https://h/b"\npassword_file = "pw"\nenvironment_file = "hosts',
      { environment_file: { trouble: "notAnEnvironment" } },
    ],
  ])("is told all that a repository of snapshots lacks: %s", async (repository, faults) => {
    write("pw", "secret");
    write("open", "secret", 0o644);
    write("hosts", "h ssh-ed25519 AAAA");
    const found = await problems(`${least}[backup.snapshots]\nrepository = "${repository}"`);
    const told = found.map(({ key, fault }) => [key.replace("backup.snapshots.", ""), fault]);
    expect(Object.fromEntries(told)).toMatchObject(faults);
    expect(told).toHaveLength(Object.keys(faults).length);
  });

  test("takes a folder for snapshots with nothing else, and keeps some by default", async () => {
    const { backup } = await load(`${least}[backup.snapshots]\nrepository = "."`);
    expect(backup.snapshots).toMatchObject({
      repository: path(),
      place: "folder",
      passwordFile: undefined,
      keep: { last: 3, daily: 14, weekly: 8, monthly: 12 },
    });
  });

  test("is told which secret every user of the machine can read, and the command that closes it", async () => {
    const path = write("mail", "hunter2", 0o644);
    const error = await refusal(`${least}[secrets]\nmail = "mail"`);
    expect(error.describe(catalogueOf("en")).what).toContain(`chmod 600 ${path}`);
    expect(`${error.message}${error.describe(catalogueOf("fr")).what}`).not.toContain("hunter2");
  });

  test("does not have its passwords repeated in messages", async () => {
    for (const text of [
      least.replace("https://", "https://me:hunter2@"),
      `${least}[build]\nhttp_proxy = "http://me:hunter2@h"`,
      `${least}[build]\nhttp_proxy = "http://me:hunter2@h`,
    ]) {
      const error = await refusal(text);
      expect(`${error.message}${JSON.stringify(error.describe(catalogueOf("en")))}`).not.toContain(
        "hunter2",
      );
    }
  });

  test("that is no TOML gets line, column and a caret", async () => {
    const error = await refusal('instance = "a"\n[listen\nport = 1\n');
    expect(error).toMatchObject({
      code: "configurationSyntax",
      parameters: { line: 2, column: 8 },
    });
    expect(error.describe(catalogueOf("en")).what).toMatch(/line 2, column 8.*\n\[listen\n {7}\^$/);
  });

  test("that is not there or cannot be read is told apart", async () => {
    await expect(loadConfiguration(path("none.toml"))).rejects.toMatchObject({
      code: "configurationMissing",
    });
    await expect(loadConfiguration(path())).rejects.toMatchObject({
      code: "configurationUnreadable",
    });
  });

  test("is told which colours cannot be read, and which placeholder a banner does not know", async () => {
    const messages = `[messages]\nswap_banner = "{{tag}} arrive"\nbackground = "#777777"\nforeground = "#888888"`;
    expect(await problems(`${least}${messages}`)).toMatchObject([
      { line: 8, key: "messages.swap_banner", fault: { kind: "template", unknown: ["tag"] } },
      { line: 10, key: "messages.foreground", fault: rule("contrast") },
    ]);
    expect(await problems(`${least}[messages]\nbackground = "white"`)).toMatchObject([
      { key: "messages.background", fault: rule("colour") },
    ]);
    expect(await problems(`${least}[messages]\nbackground = "#ffff00"`)).toMatchObject([
      { key: "messages.background", fault: rule("contrast") },
    ]);
  });

  test("is told which placeholders a page of the site's own lacks, and which do not exist", async () => {
    write("page.html", "<title>{{titel}}</title>{{ refresh }}{{form}}");
    const error = await refusal(`${least}[messages]\nmaintenance_page = "page.html"`);
    expect(error.parameters).toMatchObject({
      problems: [{ line: 8, key: "messages.maintenance_page" }],
    });
    for (const [language, unknown, missing] of [
      ["en", "{{titel}} that does not exist", "lacks {{advice}}"],
      ["fr", "{{titel}}, qui n’existe pas", "manque {{advice}}"],
    ] as const) {
      const { what } = error.describe(catalogueOf(language));
      expect(what).toContain(unknown);
      expect(what).toContain(missing);
    }
  });

  test("is told what a box of the site's own lacks, and which headings lead to no list of roles", async () => {
    write("box.html", "{{notes}}{{heading}}");
    const table = `[messages.whats_new]\nbox = "box.html"\nroles = { "Experts" = "EXP" }`;
    expect(await problems(`${least}${table}`)).toMatchObject([
      {
        line: 8,
        key: "messages.whats_new.box",
        fault: { kind: "template", unknown: ["heading"], missing: ["close"] },
      },
      { key: "messages.whats_new.roles.Experts", fault: { kind: "wrongType", expected: "list" } },
    ]);
  });

  test("is described in both languages, every fault of it", async () => {
    const error = await refusal(
      "listen = 1\nport = 1\n[hold]\nmax = 'x'\n[source]\nrepository = '-u'",
    );
    for (const language of ["en", "fr"] as const) {
      const { what } = error.describe(catalogueOf(language));
      expect(what.split("\n")).toHaveLength(7);
      expect(what).not.toContain("undefined");
    }
  });
});

const whole = `instance = "production"
[source]
repository = "https://forge.example.org/biomaid.git"
[local]
folder = "local_biomaid"
[site]
host_names = ["biomaid.example.org"]
[hold]
max = "30s"
[hooks.backup]
run = "backup.sh"
[[build.versions]]
from = "0.8"
python = "3.11"
`;

test("a configuration that is damaged loads or is refused clearly", async () => {
  const file = path("updater.toml");
  const checked = await fc.check(
    fc.asyncProperty(fc.oneof(fc.string(), damaged(whole)), async (text) => {
      writeFileSync(file, text);
      try {
        await loadConfiguration(file);
      } catch (thrown) {
        expectClear(
          thrown,
          "configurationSyntax",
          "configurationInvalid",
          "configurationUnreadable",
        );
      }
    }),
    runs,
  );
  expect(await fc.asyncDefaultReportMessage(checked)).toBeUndefined();
});
