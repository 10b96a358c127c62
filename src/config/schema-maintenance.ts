/** Tables of updater.toml: what is done for a site beside updates, and what is kept of it. */
import { array, z } from "zod";
import { keptUrl } from "./kept-url.ts";
import { snapshotPlace } from "./snapshot-place.ts";
import {
  duration,
  file,
  flag,
  mailAddress,
  onFailure,
  schedule,
  snapshotRepository,
  table,
  timeZone,
  webhookUrl,
  whole,
} from "./values.ts";

/** What a backup is made with: `pg_dump`, and BiomAid's own command. */
export const backupKinds = ["dump", "json"] as const;

/** The schedules of BiomAid's periodic jobs, as `manage.py runjobs` names them. */
export const jobKinds = ["quarter_hourly", "hourly", "daily", "weekly"] as const;

export const retention = table({
  generations: whole(1, 3)
    .default(1)
    .describe("Previous generations kept for `rollback`, besides the serving one."),
});

const due = (fields: string) =>
  schedule
    .prefault(fields)
    .describe('When the jobs of this schedule are due, as in cron; or `"off"`.');

export const jobs = table({
  enabled: flag(false).describe(
    "Run BiomAid's periodic jobs, with what its documentation gives to cron. Remove those lines from cron first.",
  ),
  time_zone: timeZone
    .prefault("Europe/Paris")
    .describe(
      "That of `TIME_ZONE` in the site's settings. Schedules go by it, and so do `swap --at`, `slots` and `announce`.",
    ),
  quarter_hourly: due("*/15 * * * *"),
  hourly: due("7 * * * *"),
  daily: due("11 2 * * *"),
  weekly: due("11 3 * * 1"),
  time_limit: duration("1s", "1d").prefault("1h").describe("A run that takes longer is ended."),
  wait: duration("1s", "1d")
    .prefault("10m")
    .describe(
      "How long a swap waits for a run to end before it gives up. A rollback waits a minute, then ends the run.",
    ),
}).transform(({ quarterHourly, hourly, daily, weekly, ...rest }) => ({
  ...rest,
  /** Five fields as in cron; undefined: never. */
  schedule: { quarter_hourly: quarterHourly, hourly, daily, weekly },
}));

const kept = whole(0, 1000);

const snapshots = table({
  repository: snapshotRepository.describe(
    "Where snapshots go: a folder that exists, `sftp:user@host:/path`, or `s3:https://host/bucket/path`.",
  ),
  password_file: file("secret")
    .optional()
    .describe(
      "A file with the password that encrypts everything in the repository. Required for sftp and S3. **Keep a copy elsewhere: without it nothing comes back.**",
    ),
  ssh_key: file("secret").optional().describe("For sftp, required: a key without a passphrase."),
  known_hosts: file()
    .optional()
    .describe(
      "For sftp, required: the host keys that are accepted (`ssh-keyscan HOST`, compared with what the host's administrator says).",
    ),
  environment_file: file("environment")
    .optional()
    .describe(
      "For S3: lines `NAME=value`, such as `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`; `AWS_DEFAULT_REGION` or `HTTPS_PROXY` where they are needed.",
    ),
  keep_last: kept.min(1).default(3).describe("The newest ones that are kept."),
  keep_daily: kept.default(14).describe("Days of which the last one is kept; `0` for none."),
  keep_weekly: kept.default(8).describe("Weeks of which the last one is kept; `0` for none."),
  keep_monthly: kept.default(12).describe("Months of which the last one is kept; `0` for none."),
}).transform(({ keepLast, keepDaily, keepWeekly, keepMonthly, ...rest }) => ({
  ...rest,
  place: snapshotPlace(rest.repository) ?? "folder",
  keep: { last: keepLast, daily: keepDaily, weekly: keepWeekly, monthly: keepMonthly },
}));

export const backup = table({
  kinds: array(z.enum(backupKinds))
    .min(1)
    .transform((kinds) => [...new Set(kinds)])
    .prefault([...backupKinds])
    .describe(
      "`dump`: what `pg_dump` writes; `json`: BiomAid's own backup (`manage.py backup`, or `dumpdata` before 0.13).",
    ),
  before_swap: flag(true).describe("Back up before each swap, from its clone."),
  json_limit: duration("1s", "24h")
    .prefault("10m")
    .describe(
      "How long BiomAid's own backup may take before a swap. Where it takes longer, or the last one did, it is left out, if a dump is made.",
    ),
  on_failure: onFailure.describe("What a backup that fails does to the swap."),
  keep: whole(1, 1000).default(14).describe("Backups of each kind that are kept."),
  max_age: duration("1d", "3650d")
    .optional()
    .describe("Older ones are deleted, but never the newest of a kind."),
  snapshots: snapshots
    .optional()
    .describe("Snapshots of media, settings and database backups, elsewhere."),
});

export const scheduled = table({
  rehearse_before: duration("1m", "7d")
    .prefault("2h")
    .describe("How long before its moment a swap of `swap TAG --at` is rehearsed."),
  report: file("executable")
    .optional()
    .describe("An executable that is told how a scheduled swap ended."),
  mail: array(mailAddress)
    .default([])
    .describe("Addresses that are mailed how it ended, through the site's own mail settings."),
  webhook: webhookUrl
    .optional()
    .describe("A URL (`https://…` or `http://…`) that is sent how it ended, as JSON."),
  webhook_file: file("webhook")
    .optional()
    .describe("Instead: a file with that URL, where there is a token in it."),
}).transform(({ webhook, webhookFile, ...rest }) => ({
  ...rest,
  webhook: keptUrl(webhook, webhookFile),
}));

export type JobKind = (typeof jobKinds)[number];
export type BackupKind = (typeof backupKinds)[number];
