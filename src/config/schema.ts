import { z } from "zod";
import { backup, jobs, retention, scheduled } from "./schema-maintenance.ts";
import { build, local, source } from "./schema-source.ts";
import { hold, messages } from "./schema-messages.ts";
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

export type HookPoint = (typeof hookPoints)[number];
export type Parsed = z.output<typeof schema>;

/** The same as a JSON Schema, for editors and for finding which keys a table knows. */
export const jsonSchema = z.toJSONSchema(schema, { io: "input" });
