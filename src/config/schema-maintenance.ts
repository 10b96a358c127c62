/** Tables of updater.toml: what is done for a site beside updates, and what is kept of it. */
import { z } from "zod";
import * as value from "./values.ts";

/** What a backup is made with: `pg_dump`, and BiomAid's own command. */
export const backupKinds = ["dump", "json"] as const;

/** The schedules of BiomAid's periodic jobs, as `manage.py runjobs` names them. */
export const jobKinds = ["quarter_hourly", "hourly", "daily", "weekly"] as const;

export const retention = z.strictObject({
  generations: z
    .int()
    .min(1)
    .max(3)
    .default(1)
    .describe("Previous generations kept for a rollback."),
});

export const jobs = z.strictObject({
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

export const backup = z.strictObject({
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

export const scheduled = z.strictObject({
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

export type JobKind = (typeof jobKinds)[number];
export type BackupKind = (typeof backupKinds)[number];
