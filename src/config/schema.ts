import { z } from "zod";
import { defaultColours } from "./contrast.ts";
import * as value from "./values.ts";

/** The points of the documented procedure where a site may put a step of its own, in their order. */
export const hookPoints = [
  "users_inform_before",
  "instance_stop",
  "backup",
  "local_dir_update",
  "code_install",
  "instance_launch",
  "users_inform_after",
] as const;

/** The schedules of BiomAid's periodic jobs, as `manage.py runjobs` names them. */
export const jobKinds = ["quarter_hourly", "hourly", "daily", "weekly"] as const;

/** What a backup is made with: `pg_dump`, and BiomAid's own command. */
export const backupKinds = ["dump", "json"] as const;

const hook = z
  .strictObject({
    run: value.path.describe("The executable to run."),
    time_limit: value
      .duration("1s", "1d")
      .prefault("60s")
      .describe("It is killed after this time."),
    on_failure: z
      .enum(["abort", "continue"])
      .default("abort")
      .describe("What a failure of this hook does to the operation."),
  })
  .optional();

const buildVersion = z.strictObject({
  from: value.version.describe("First version of BiomAid these settings are for."),
  python: value.pythonVersion.describe("Python version, for example 3.11."),
  image: value.imageName
    .optional()
    .describe("Python image to build on, instead of the updater's choice."),
  groups: z
    .array(value.packageName)
    .default([])
    .describe("Dependency groups needed besides the main one."),
});

const source = z.strictObject({
  repository: value.repository.describe(
    "BiomAid's git repository: a URL, or a path on this machine.",
  ),
  allow_http: z
    .boolean()
    .default(false)
    .describe("Accept an http:// URL, which anyone on the way can alter."),
  allowed_signers: value.path
    .optional()
    .describe("Who may sign tags (a file of ssh-keygen's form); then others are refused."),
});

const local = z.strictObject({
  repository: value.repository
    .optional()
    .describe("The git repository of the site's local settings."),
  allow_http: z
    .boolean()
    .default(false)
    .describe("Accept an http:// URL, which anyone on the way can alter."),
  allowed_signers: value.path
    .optional()
    .describe("Who may sign tags and commits of this repository; then others are refused."),
  ref: z.enum(["same-tag"]).optional().describe("Take the tag of the same name as BiomAid's."),
  branch: value.gitRef.optional().describe("Take the newest commit of this branch."),
  refs: z
    .record(value.version, value.gitRef)
    .optional()
    .describe("BiomAid's tag = the commit, tag or branch of the local repository."),
  folder: value.folder
    .optional()
    .describe("A folder of BiomAid's own tree, for example local_biomaid."),
});

const site = z.strictObject({
  settings: value.path
    .prefault("instance_settings.py")
    .describe("The site's instance_settings.py, used unchanged."),
  instance_config: value.path.optional().describe("The site's instance_config.toml."),
  host_names: z
    .array(value.hostName)
    .min(1)
    .describe("The names users reach the site by; the first is the probe's."),
  workers: z.int().min(1).max(64).default(3).describe("Application processes."),
});

const listen = z.strictObject({
  address: value.address.prefault("127.0.0.1").describe("Address the site is published on."),
  port: z.int().min(1).max(65_535).default(8080).describe("Port the site is published on."),
});

const probe = z.strictObject({
  pages: z
    .array(value.pagePath)
    .min(1)
    .default([
      "/geqip-chuap/dem/",
      "/geqip-chuap/common/role/",
      "/geqip-chuap/common/programme/",
      "/geqip-chuap/dem/cockpit/",
    ])
    .describe("Pages that must answer 200 to a signed-in user."),
  anonymous_pages: z
    .array(value.pagePath)
    .min(1)
    .default(["/portal-config/common/sign/", "/geqip-chuap/index/", "/admin/login/"])
    .describe("Pages that must answer 200 without signing in."),
  user: value.singleLine
    .optional()
    .describe("Who signs in; by default the first active superuser."),
  time_limit: value.duration("1s", "5m").prefault("10s").describe("For each page."),
  user_agent: value.singleLine.prefault("BiomAid updater").describe("The User-Agent of the probe."),
});

const database = z.strictObject({
  name: value.identifier.prefault("biomaid").describe("The database."),
  role: value.identifier.prefault("biomaid").describe("The role that owns it."),
});

const build = z.strictObject({
  ca_bundle: value.path.optional().describe("Certificates (PEM) that builds must trust."),
  http_proxy: value.proxyUrl.optional().describe("Proxy for http, without a password."),
  http_proxy_file: value.path
    .optional()
    .describe("A file holding the proxy's URL, with its password."),
  https_proxy: value.proxyUrl.optional().describe("Proxy for https, without a password."),
  https_proxy_file: value.path
    .optional()
    .describe("A file holding the proxy's URL, with its password."),
  no_proxy: z.array(value.noProxyEntry).default([]).describe("Hosts reached without the proxy."),
  extras: z
    .array(value.packageName)
    .default(["ldap"])
    .describe("Optional parts of BiomAid to install."),
  versions: z
    .array(buildVersion)
    .default([])
    .describe("Settings for versions of BiomAid, laid over the built-in ones."),
});

const hold = z.strictObject({
  max: value
    .duration("1s", "10m")
    .prefault("30s")
    .describe("The longest users' requests may wait."),
  drain: value
    .duration("1s", "10m")
    .prefault("10s")
    .describe("How long requests already being answered may take."),
});

const mail = z.strictObject({
  groups: z
    .array(value.singleLine)
    .default([])
    .describe("Groups of BiomAid whose active users are mailed; nobody is when empty."),
  send: z
    .array(z.enum(["before", "after"]))
    .default(["before", "after"])
    .describe("When: before the swap, and after it."),
  before: value.path
    .optional()
    .describe("A text of the site's own; its first line is the subject."),
  after: value.path.optional().describe("A text of the site's own; its first line is the subject."),
});

const whatsNew = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe("After a swap, show users what the new version's NEWS.md says."),
  for: value.duration("1h", "365d").prefault("30d").describe("How long after the swap."),
  roles: z
    .record(value.singleLine, z.array(value.singleLine))
    .default({})
    .describe(
      "Heading of NEWS.md = roles or groups of BiomAid that it concerns; others concern everyone.",
    ),
  box: value.path.optional().describe("A box of the site's own (HTML), in place of the updater's."),
  page: value.path
    .optional()
    .describe("A page of the site's own (HTML), in place of the updater's."),
});

const messages = z.strictObject({
  maintenance_page: value.path
    .optional()
    .describe("A page of the site's own (HTML) for requests that have waited for hold.max."),
  swap_banner: value.singleLine
    .optional()
    .describe("A banner on users' pages while a swap is prepared; {{version}} is the new one."),
  background: value.colour
    .prefault(defaultColours.background)
    .describe("Colour of banners, #rrggbb."),
  mail: mail.prefault({}).describe("Mail to users, through the site's own mail settings."),
  whats_new: whatsNew.prefault({}).describe("What is new, in users' pages after a swap."),
  foreground: value.colour
    .prefault(defaultColours.foreground)
    .describe("Colour of the text on them."),
});

const probation = z.strictObject({
  duration: value
    .duration("0s", "1d")
    .prefault("2m")
    .describe("How long the new version is watched."),
  interval: value.duration("1s", "10m").prefault("5s").describe("Time between two checks."),
  failures: z
    .int()
    .min(1)
    .max(100)
    .default(3)
    .describe("Failed checks in a row that bring the old version back."),
  accept_data_loss: z
    .boolean()
    .default(false)
    .describe("Bring it back even when that loses what users wrote since the swap."),
});

const rehearse = z.strictObject({
  sanitize: value.path
    .optional()
    .describe("An SQL script that runs on the copy before anything else reads it."),
  keep_port: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe("Port of 127.0.0.1 a kept rehearsal is reachable on; by default one that is free."),
  time_limit: value
    .duration("1m", "1d")
    .prefault("1h")
    .describe("How long the migrations of a rehearsal, or its reading of the data, may take."),
  longest_lock: value
    .duration("100ms", "10m")
    .prefault("5s")
    .describe("A migration may not lock a table for longer."),
  max_age: value
    .duration("1h", "365d")
    .prefault("7d")
    .describe("After this time a rehearsal says nothing about today's data."),
  required: z
    .boolean()
    .default(false)
    .describe("Refuse to swap to a release that was not rehearsed."),
});

const rollback = z.strictObject({
  window: value
    .duration("1h", "365d")
    .prefault("7d")
    .describe("How long after a swap the version left takes in what users write."),
  snapshot_media: z
    .boolean()
    .default(false)
    .describe("Keep the media as the version left knows them, and put back what a release takes."),
  map: z
    .record(value.identifier, z.record(value.identifier, z.string().min(1)))
    .default({})
    .describe("What the version left gets in its columns: SQL over a row of the new version."),
});

const retention = z.strictObject({
  generations: z
    .int()
    .min(1)
    .max(3)
    .default(1)
    .describe("Previous generations kept for a rollback."),
});

const jobs = z.strictObject({
  enabled: z.boolean().default(false).describe("Run BiomAid's periodic jobs."),
  time_zone: value.timeZone
    .prefault("Europe/Paris")
    .describe("The time zone of the schedules, as in TIME_ZONE of the site's settings."),
  quarter_hourly: value.schedule.prefault("*/15 * * * *").describe("When, as in cron; or off."),
  hourly: value.schedule.prefault("7 * * * *").describe("When, as in cron; or off."),
  daily: value.schedule.prefault("11 2 * * *").describe("When, as in cron; or off."),
  weekly: value.schedule.prefault("11 3 * * 1").describe("When, as in cron; or off."),
  time_limit: value
    .duration("1s", "1d")
    .prefault("1h")
    .describe("A run that takes longer is ended."),
  wait: value
    .duration("1s", "1d")
    .prefault("10m")
    .describe("How long a swap waits for a job that runs before it gives up."),
});

const kept = z.int().min(0).max(1000);

const snapshots = z.strictObject({
  repository: value.snapshotRepository.describe(
    "Where snapshots go: a folder, sftp:user@host:/path, or s3:https://host/bucket/path.",
  ),
  password_file: value.path
    .optional()
    .describe("A file with the password that encrypts them; without it they are not secret."),
  environment_file: value.path
    .optional()
    .describe("A file of NAME=value lines: AWS_ACCESS_KEY_ID and its like."),
  ssh_key: value.path.optional().describe("The key for sftp, without a passphrase."),
  known_hosts: value.path.optional().describe("The host keys that sftp accepts."),
  keep_last: kept.min(1).default(3).describe("The newest ones that are kept, at least one."),
  keep_daily: kept.default(14).describe("Days of which the last one is kept."),
  keep_weekly: kept.default(8).describe("Weeks of which the last one is kept."),
  keep_monthly: kept.default(12).describe("Months of which the last one is kept."),
});

const backup = z.strictObject({
  kinds: z
    .array(z.enum(backupKinds))
    .min(1)
    .default([...backupKinds])
    .describe("dump: of pg_dump; json: BiomAid's own (manage.py backup, or dumpdata before 0.13)."),
  before_swap: z.boolean().default(true).describe("Back up before each swap."),
  on_failure: z
    .enum(["abort", "continue"])
    .default("abort")
    .describe("What a backup that fails does to the swap."),
  keep: z.int().min(1).max(1000).default(14).describe("Backups of each kind that are kept."),
  max_age: value
    .duration("1d", "3650d")
    .optional()
    .describe("Older ones are deleted, but never the newest of a kind."),
  snapshots: snapshots
    .optional()
    .describe("Snapshots of media, settings and database backups, elsewhere."),
});

const scheduled = z.strictObject({
  rehearse_before: value
    .duration("1m", "7d")
    .prefault("2h")
    .describe("How long before its moment a scheduled swap is rehearsed."),
  report: value.path.optional().describe("An executable that is told how a scheduled swap ended."),
  webhook: value.webhookUrl.optional().describe("A URL that is sent how it ended, as JSON."),
  webhook_file: value.path
    .optional()
    .describe("A file holding that URL, where there is a token in it."),
  mail: z
    .array(value.mailAddress)
    .default([])
    .describe("Addresses that are mailed how it ended, through the site's own mail settings."),
});

/** `updater.toml`; also the source of `updater.schema.json`. */
export const schema = z
  .strictObject({
    instance: value.instanceName
      .prefault("biomaid")
      .describe("Name of this BiomAid site on its engine."),
    source: source.describe("Where BiomAid comes from."),
    local: local.describe("The site's local settings that go with a version of BiomAid."),
    site: site.describe("The site."),
    listen: listen.prefault({}).describe("Where the site is published."),
    probe: probe.prefault({}).describe("How a new version is proved to work."),
    database: database.prefault({}).describe("The site's database."),
    secrets: z
      .record(value.secretName, value.path)
      .default({})
      .describe("NAME = file; the application finds it as /run/secrets/NAME."),
    build: build.prefault({}).describe("How images are built."),
    hold: hold.prefault({}).describe("How long users may wait during a swap."),
    messages: messages.prefault({}).describe("What users are told of an update."),
    probation: probation.prefault({}).describe("The minutes after a swap."),
    rehearse: rehearse.prefault({}).describe("How a release is rehearsed."),
    rollback: rollback.prefault({}).describe("What is ready for a rollback."),
    retention: retention.prefault({}).describe("What is kept."),
    jobs: jobs.prefault({}).describe("BiomAid's periodic jobs."),
    backup: backup.prefault({}).describe("How the site is backed up."),
    scheduled: scheduled.prefault({}).describe("Swaps that wait for their moment."),
    hooks: z
      .strictObject(
        Object.fromEntries(hookPoints.map((point) => [point, hook])) as Record<
          HookPoint,
          typeof hook
        >,
      )
      .default({})
      .describe("Steps of the site's own, by point of the documented procedure."),
  })
  .describe("Configuration of the BiomAid updater (updater.toml).");

export type JobKind = (typeof jobKinds)[number];
export type HookPoint = (typeof hookPoints)[number];
export type BackupKind = (typeof backupKinds)[number];
export type Parsed = z.output<typeof schema>;

/** The same as a JSON Schema, for editors and for finding which keys a table knows. */
export const jsonSchema = z.toJSONSchema(schema, { io: "input" });
