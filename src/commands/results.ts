import { z } from "zod";
import type { Fate } from "../adoption/finding.ts";
import type { Backups } from "../backup/backups.ts";
import type { Snapshot } from "../backup/snapshots.ts";
import type { JobKind } from "../config/schema-maintenance.ts";
import type { ErrorText, ExitCode } from "../errors.ts";
import type { Holder } from "../instance/instance-lock.ts";
import type { ShownJournal } from "../instance/journal.ts";
import { type OperationRecord, operationNames } from "../instance/state.ts";
import type { EndedRun } from "../jobs/job-history.ts";
import type { JobsOverview } from "../jobs/overview.ts";
import type { BackupResult } from "../operations/backup.ts";
import type { Plan } from "../operations/plan.ts";
import type { RollbackResult } from "../operations/rollback.ts";
import type { RehearsalReport } from "../rehearsal/report/model.ts";
import type { WayBack } from "../reverse-replication/way-back.ts";
import type { ScheduledSwap } from "../scheduled/scheduled-swaps.ts";
import type { SettingsCheck } from "../settings/check-settings.ts";
import type { SettingsDiff } from "../settings/diff-settings.ts";
import { type HalfHour, jobsRun, key, scheduledSwap, text, told } from "./result-keys.ts";

/**
 * @param type of the line
 * @param by the commands that print it
 */
const result = <Name extends string, Shape extends z.ZodRawShape>(
  type: Name,
  by: string,
  shape: Shape,
) => z.object({ type: z.literal(type), ...shape }).meta({ title: by });

const exitCode = key<ExitCode>();
const error = key<ErrorText & { readonly code: string }>("`code`, `what`, `next`");
/** The last line of a command with `--json`: the one source of its type and of docs/json.md. */
export const results = [
  result(
    "result",
    "`init`, `adopt --stand-in`, `swap`, `rollback`, `restore`, `backup`, `rehearse`, `recover`",
    {
      operation: z.enum(operationNames),
      instance: text(),
      from: key<string | null>("the tag that served; null for `init` and `adopt --stand-in`"),
      to: text("the tag it leads to"),
      outcome: key<OperationRecord["outcome"]>(
        "`done`, `restored`, `needs-human`, `clean-up-pending`",
      ),
      hold: key<number | null>("milliseconds users waited at most; null: the gate stayed open"),
      steps: key<Readonly<Record<string, number>>>("milliseconds of each step that was applied"),
      tidied: key<true>("of `recover`: only `steps` behind the switch were left").optional(),
      servingNow: key<string | null>("of `needs-human`: what users reach, or null").optional(),
      exitCode,
      error: error.optional().describe("unless done: `code`, `what`, `next`"),
      production: text("unless done: what state production is in").optional(),
      lost: key<RollbackResult["lost"]>(
        "of `rollback`, as in [`exported`](#exported-rollback---export)",
      ).optional(),
      files: key<RollbackResult["files"]>(
        "of `rollback`: the files that rows name, `named` and `missing` (how many), `examples`; null: unknown",
      ).optional(),
      backups: key<BackupResult["backups"]>(
        "of `backup`: what was kept, as in [`backups`](#backups-backups)",
      ).optional(),
      snapshot: key<Snapshot | null>("or null; as in [`backups`](#backups-backups)").optional(),
      verdict: key<RehearsalReport["verdict"]>(
        "of `rehearse`: `ready`, `remarks`, `not-ready`",
      ).optional(),
      report: key<RehearsalReport>(
        "of `rehearse`: everything it found (`src/rehearsal/report/model.ts`)",
      ).optional(),
      url: key<string | null>(
        "of `rehearse --keep`: where it can be looked at; or null",
      ).optional(),
    },
  ),
  result("result", "an operation that ended while the command could not see how", {
    id: text("as in `updater history`"),
    operation: z.enum(operationNames),
    from: key<string | null>(),
    to: text(),
    startedAt: text(),
    finishedAt: text(),
    outcome: key<OperationRecord["outcome"]>(
      "`done`, `refused`, `restored`, `needs-human`, `clean-up-pending`",
    ),
    error: key<string | null>("its code, or null"),
    hold: key<number | null>("milliseconds users waited at most; null: the gate stayed open"),
    steps: key<OperationRecord["steps"]>("milliseconds of each step that was applied"),
    exitCode,
  }),
  result("result", "an operation that was killed before its first step", { exitCode }),
  result("error", "any command that is refused", { exitCode, error }),
  result("detached", "`--detach`", {}),
  result("nothing", "`attach`, when no operation goes on", {}),
  result("recovered", "`recover`, when there was nothing to end", {
    busy: z.boolean().describe("an operation goes on"),
    started: key<readonly string[]>("names of containers that did not run"),
  }),
  result("versions", "`versions`", {
    versions: key<
      readonly {
        tag: string;
        commit: string;
        date: string;
        serving: boolean;
        newer: boolean;
        notes: string;
      }[]
    >("`tag`, `commit`, `date`, `serving`, `newer` (than what serves), `notes` (their beginning)"),
  }),
  result("built", "`build`", { tag: text(), image: text() }),
  result("plan", "`plan`, `swap --dry-run`", {
    instance: text(),
    choice: text("as it was typed"),
    from: key<Plan["from"]>("`tag`, `commit`, `localCommit`, `generation`"),
    to: key<Plan["to"]>("`tag`, `commit`, `localCommit`"),
    sources: key<Plan["sources"]>(
      "what differs between them: notes, files, packages, settings, local settings",
    ),
    migrations: key<Plan["migrations"]>("those to come"),
    needs: key<Plan["needs"]>("`disk` and `memory`, each `needed` and `free` (bytes)"),
    settingsChanged: key<Plan["settingsChanged"]>(
      "the site's files that come with the swap; null: unknown",
    ),
    image: key<Plan["image"]>("`tag`, `built`"),
    rehearsed: key<Plan["rehearsed"]>("as in the event [`rehearsed`](#rehearsed)"),
    steps: key<Plan["steps"]>(
      "`name`, `held` (users wait meanwhile), `undo` (there is one), `commit` (the switch)",
    ),
  }),
  result("rehearsal-removed", "`rehearse --remove`", { removed: z.boolean() }),
  result("exported", "`rollback --export`", {
    folder: text(),
    lost: key<RollbackResult["lost"]>(
      "table by table: `table`, `rows`, `partly` (rows of which some columns are lost), `columns` (which), `deleted` (rows that come back); null: unknown",
    ),
  }),
  result("backups", "`backups`", {
    backups: key<Backups["backups"]>(
      "`name`, `kind` (`dump`, `json`), `tag`, `commit`, `localCommit`, `generation`, `takenAt`, `verifiedAt`, `bytes`, `sha256`, `damaged` (gone, or not as long as it was)",
    ),
    others: key<Backups["others"]>("at most 1,000 other files: `path`, `bytes`, `writtenAt`"),
    snapshots: key<readonly Snapshot[] | null>(
      "`name`, `id`, `takenAt`, `tag`, `generation`, `bytes`, `added` (bytes that were new), `verifiedAt`, `backups` (names); null: none are taken here",
    ),
    error: error.optional().describe("why snapshots could not be asked for"),
  }),
  result("restored-into", "`restore --into`", {
    folder: text(),
    snapshot: key<Snapshot>("as in [`backups`](#backups-backups)"),
  }),
  result("doctor", "`doctor`", {
    instance: key<string | null>("null: the configuration does not tell"),
    problems: z.number(),
    warnings: z.number(),
    findings: key<readonly object[]>(
      "`check`, `code`, `level` (`ok`, `warning`, `problem`), `what`, `why`, `fix`, and the facts of each",
    ),
  }),
  result("settings-diff", "`settings diff`", {
    from: text("the tag that serves"),
    to: text("the tag asked for"),
    files: key<SettingsDiff["files"]>("that were compared"),
    changes: key<SettingsDiff["changes"]>(
      "`file`, `name`, `kind`, `before` and `after` (in the examples), `inSite` (your site sets it)",
    ),
  }),
  result("settings-edited", "`settings edit`", { file: text(), placed: z.boolean() }),
  result("settings-checked", "`settings check`", {
    tag: text("the version they were tried with"),
    settings: text("the file that was tried"),
    instanceConfig: key<string | null>("the same; null: the site has none"),
    fit: z.boolean(),
    names: key<SettingsCheck["names"]>(
      "`added`, `removed`, `changed`, against what serves; null: nothing does",
    ),
    changed: key<SettingsCheck["changed"]>(
      "files that differ from those that serve; null: unknown",
    ),
    exitCode,
    error: key<{ code: string; what: string | null; facts: object } | null>(
      "`code`, `what`, `facts`; or null",
    ),
  }),
  result("announcement", "`announce`", told),
  result("status", "`status`", {
    instance: text(),
    url: text(),
    gateClosed: z.boolean().describe("users wait"),
    serving: key<number | null>("number of the generation users reach; null: none"),
    generations: key<readonly object[]>(
      "`number`, `tag`, `commit`, `localCommit`, `role` (`serving`; `servedUntilNow`, while the gate is closed; `candidate`; `previous`; `abandoned`, left by a rollback; `kept`), `running`, `slot`, `image`, `databaseImage`, `createdAt`, `previous`, `abandoned`",
    ),
    operation: key<Holder | null>("the one that goes on: `operation`, `holder`, `since`; or null"),
    unfinished: key<ShownJournal | null>("of an updater that died; or null"),
    toTidy: key<ShownJournal | null>("the next command does what is `left`; or null"),
    rehearsal: key<{ tag: string; url: string | null } | null>("kept: `tag`, `url`; or null"),
    settingsChanged: key<readonly string[] | null>(
      "the site's files that differ from those that serve; null: unknown",
    ),
    wayBack: key<WayBack | null>(
      "`tag`, `following` (how well its database follows; null: not at all), `reason` (why it stopped), `notLossless` (tables), `until`; null: no generation to return to",
    ),
    jobs: key<JobsOverview | null>("null: the updater does not run them"),
    ...told,
    scheduled: key<ScheduledSwap | null>(
      "one that waits, as in [`scheduled`](#scheduled-swap---at-scheduled-cancel); or null",
    ),
    last: key<OperationRecord | null>("the last operation, as in [`history`](#history-history)"),
  }),
  result("metrics", "`status --metrics`", { text: text("in the form of Prometheus") }),
  result("slots", "`slots`", {
    since: text("where the log begins"),
    timeZone: text(),
    quietest: key<readonly HalfHour[]>(
      "`day`, `from`, `until`, `requests` (on average; null: unknown)",
    ),
    slots: key<readonly HalfHour[]>("the same, of all 336 half-hours of the week"),
  }),
  result("history", "`history`", {
    operations: key<readonly object[]>(
      "the last one last: `id`, `operation`, `from`, `to`, `startedAt`, `finishedAt`, `outcome`, `error`, `hold`, `steps`, `verdict` (of a rehearsal)",
    ),
  }),
  result("log", "`logs --operation`, `jobs log`", { log: text() }),
  result("jobs", "`jobs`", {
    enabled: z.boolean(),
    scheduler: z.boolean().describe("it runs"),
    schedules: key<JobsOverview["schedules"]>(
      "`kind`, `next` (null: off), `late`, `last` (as `runs`, or null)",
    ),
    running: key<JobsOverview["running"]>("`id`, `kind`, `due`, `startedAt`, …; or null"),
    runs: key<readonly EndedRun[]>("as [`jobs run`](#result-jobs-run) has them"),
  }),
  result("result", "`jobs run`", { ...jobsRun, exitCode }),
  result("jobs-started", "`jobs start`", {}),
  result("jobs-stopped", "`jobs stop`", { stopped: z.boolean() }),
  result("jobs-cancelled", "`jobs cancel`", {
    kind: key<JobKind | null>("of the schedule; null: no job ran"),
  }),
  result("scheduled", "`swap --at`, `scheduled cancel`", {
    ...scheduledSwap,
    quiet: key<(HalfHour & { readonly since: string }) | null>(
      "of `--at quiet`: the half-hour that was chosen, as in [`slots`](#slots-slots), and `since`; null: a time was given",
    ).optional(),
  }),
  result("schedule", "`scheduled`", {
    scheduler: z.boolean().describe("it runs"),
    swaps: key<readonly ScheduledSwap[]>(
      "as in [`scheduled`](#scheduled-swap---at-scheduled-cancel)",
    ),
  }),
  result("pruned", "`prune`", {
    generations: key<readonly number[]>("numbers of those that were deleted"),
    images: key<readonly string[]>("tags of those that were deleted"),
  }),
  result("adoption", "`adopt`", {
    folder: text("of its sources"),
    user: text("it runs as"),
    written: key<string | null>("the folder of the configuration, or null"),
    findings: key<readonly { readonly fate: Fate; readonly code: string; readonly what: string }[]>(
      "`fate` (`carried`, `mapped`, `lost`, `decide`), `code`, `what`, `line`, and what it is about",
    ),
  }),
  result("adoption-undone", "`adopt --undo`", { instance: text(), folder: text("of its sources") }),
  result("adoption-finished", "`adopt --finish`", {
    instance: text(),
    folder: text("of its sources"),
    askedBy: key<readonly string[]>("files of nginx that still ask gunicorn's socket"),
    published: key<readonly string[]>("URLs at which secrets could be read"),
  }),
  result("relocated", "`relocate`", { from: key<string | null>("or null"), to: text() }),
  result("destroyed", "`destroy`", { instance: text() }),
] as const;

export type Result = z.input<(typeof results)[number]>;
