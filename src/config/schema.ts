import { array, record, z } from "zod";
import { backup, jobs, retention, scheduled } from "./schema-maintenance.ts";
import { build, local, source } from "./schema-source.ts";
import { hold, messages } from "./schema-messages.ts";
import {
  address,
  duration,
  file,
  flag,
  hostName,
  identifier,
  instanceName,
  locale,
  onFailure,
  pagePath,
  secretName,
  singleLine,
  table,
  whole,
} from "./values.ts";

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

const hook = table({
  run: file("executable").describe(
    "An executable. The operation is described in its environment; its output goes to the operation's log.",
  ),
  time_limit: duration("1s", "1d").prefault("60s").describe("It is killed after this time."),
  on_failure: onFailure.describe("What a failure of this hook does to the operation."),
}).exactOptional();

const site = table({
  settings: file()
    .prefault("instance_settings.py")
    .describe("The site's `instance_settings.py`, used unchanged."),
  instance_config: file().optional().describe("The site's `instance_config.toml`."),
  host_names: array(hostName)
    .min(1)
    .transform((names) => names as [string, ...string[]])
    .describe(
      "The names users reach the site by, without `https://` and port. The probe uses the first one.",
    ),
  workers: whole(1, 64).default(3).describe("Application processes. About 190 MB of memory each."),
});

const port = whole(1, 65_535);

const listen = table({
  address: address
    .prefault("127.0.0.1")
    .describe(
      "An IP address of the machine. The default is for a reverse proxy with TLS on the same machine.",
    ),
  port: port.default(8080).describe("Port the site is published on."),
});

const probe = table({
  pages: array(pagePath)
    .min(1)
    .default([
      "/geqip-chuap/dem/",
      "/geqip-chuap/common/role/",
      "/geqip-chuap/common/programme/",
      "/geqip-chuap/dem/cockpit/",
    ])
    .describe("Pages that must answer 200 to a signed-in user."),
  anonymous_pages: array(pagePath)
    .min(1)
    .default(["/portal-config/common/sign/", "/geqip-chuap/index/", "/admin/login/"])
    .describe("Pages that must answer 200 to anyone."),
  user: singleLine
    .optional()
    .describe("Who signs in, by default the first active superuser. No password is needed."),
  time_limit: duration("1s", "5m").prefault("10s").describe("For each page."),
  user_agent: singleLine
    .prefault("BiomAid updater")
    .describe("The User-Agent of the probe. BiomAid answers no request without one."),
});

const database = table({
  name: identifier
    .prefault("biomaid")
    .describe("The database. Lower-case letters, digits and `_`."),
  role: identifier
    .prefault("biomaid")
    .describe(
      "The role that owns it. It has no password: it connects through a socket that only the application sees.",
    ),
  locale: locale
    .prefault("fr-FR")
    .describe(
      "The language by whose rules a new database sorts names, or `C` for the order of their bytes. A database that exists keeps its own.",
    ),
});

const probation = table({
  duration: duration("0s", "1d")
    .prefault("2m")
    .describe("How long the new version is watched; `0s` for not at all."),
  interval: duration("1s", "10m")
    .prefault("5s")
    .describe("Time between two checks, not longer than `duration`."),
  failures: whole(1, 100)
    .default(3)
    .describe("Failed checks in a row that bring the previous version back."),
  accept_data_loss: flag(false).describe(
    "Bring it back even when that loses what users wrote since the swap.",
  ),
});

const rehearse = table({
  sanitize: file()
    .optional()
    .describe(
      "An SQL script that runs on the copy, as its superuser, before anything else reads it.",
    ),
  keep_port: port
    .optional()
    .describe(
      "Port of 127.0.0.1 on which a rehearsal with `--keep` is reachable, by default one that is free.",
    ),
  time_limit: duration("1m", "1d")
    .prefault("1h")
    .describe("How long all migrations, or reading all data, may take."),
  longest_lock: duration("100ms", "10m")
    .prefault("5s")
    .describe("A migration that locks a table for longer makes a version not ready."),
  max_age: duration("1h", "365d")
    .prefault("7d")
    .describe("After this time a rehearsal says nothing about today's data."),
  required: flag(false).describe("Refuse to swap to a version that was not rehearsed."),
});

const adopt = table({
  dump_below: duration("0s", "10m")
    .prefault("5s")
    .describe(
      "How long copying the database may take for it to be copied while users wait. A larger one is copied beside them (logical replication).",
    ),
});

const rollback = table({
  window: duration("1h", "365d")
    .prefault("7d")
    .describe(
      "How long after a swap the version left takes in what users write. `updater prune` ends it then.",
    ),
  snapshot_media: flag(false).describe(
    "For releases that move, convert or delete media: a swap keeps them as they are, a rollback puts back what is gone or changed.",
  ),
  map: record(identifier, record(identifier, z.string().min(1)))
    .default({})
    .describe(
      "TABLE.COLUMN = what the version left gets in a column of its own: an SQL expression over a row as the new version writes it.",
    ),
});

/** `updater.toml`: each key, once. Documentation, types and `updater.schema.json` come from here. */
export const schema = table({
  instance: instanceName
    .prefault("biomaid")
    .describe(
      "Name of the site on its Docker engine: lower-case letters, digits and `-`, beginning with a letter, at most 31 characters. Several instances share an engine without touching each other.",
    ),
  source: source.describe("Where BiomAid comes from."),
  local: local.describe("The site's local settings that go with a version of BiomAid."),
  site: site.describe("The site."),
  listen: listen.prefault({}).describe("Where the site is published."),
  probe: probe.prefault({}).describe("How a new version is proved to work."),
  database: database.prefault({}).describe("The site's database."),
  secrets: record(secretName, file("secret"))
    .default({})
    .describe("NAME = file. The application finds it, read-only, as `/run/secrets/NAME`."),
  build: build.prefault({}).describe("How images are built."),
  hold: hold.prefault({}).describe("How long users may wait during a swap."),
  messages: messages.prefault({}).describe("What users are told of an update."),
  probation: probation.prefault({}).describe("The minutes after a swap."),
  rehearse: rehearse.prefault({}).describe("How a version is rehearsed."),
  rollback: rollback.prefault({}).describe("What is ready for a rollback."),
  adopt: adopt.prefault({}).describe("How a site that was installed by hand moves in."),
  retention: retention.prefault({}).describe("What is kept."),
  jobs: jobs.prefault({}).describe("BiomAid's periodic jobs."),
  backup: backup.prefault({}).describe("How the site is backed up."),
  scheduled: scheduled.prefault({}).describe("Swaps that wait for their moment."),
  // Not a table of ours: the program knows the points by the procedure's names.
  hooks: z
    .strictObject(
      Object.fromEntries(hookPoints.map((point) => [point, hook])) as Record<
        HookPoint,
        typeof hook
      >,
    )
    .prefault({})
    .meta({ alike: true })
    .describe("Steps of the site's own, by point of the documented procedure."),
}).describe("Configuration of the BiomAid updater (updater.toml).");

export type HookPoint = (typeof hookPoints)[number];
