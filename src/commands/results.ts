import { z } from "zod";
import type { Backups } from "../backup/backups.ts";
import type { Snapshot } from "../backup/snapshots.ts";
import type { JobKind } from "../config/schema-maintenance.ts";
import type { ErrorText, ExitCode } from "../errors.ts";
import type { Holder } from "../instance/instance-lock.ts";
import type { Journal } from "../instance/journal.ts";
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

/** A key of a result, of the type that the program has for it, and what docs/json.md says of it. */
const key = <Type>(text = "") => z.custom<Type>().describe(text);
const text = (description = "") => z.string().describe(description);

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
const lost = key<RollbackResult["lost"]>("tables of which something is lost, or null: unknown");
const snapshot = key<Snapshot | null>(
  "or null: `name`, `id`, `takenAt`, `tag`, `generation`, `bytes`, `added` (bytes), `verifiedAt`, `backups` (names)",
);
const jobsRun = {
  id: text(),
  kind: key<JobKind>(),
  due: key<string | null>("null: asked for by hand"),
  startedAt: text(),
  finishedAt: text(),
  generation: z.number(),
  tag: text(),
  outcome: key<EndedRun["outcome"]>("`done`, `crashed`, `timed-out`, `cut-short`"),
  error: key<string | null>(),
  jobs: key<EndedRun["jobs"]>("`name`, `milliseconds`, `error`"),
};
const told = {
  announcement: key<{ text: string; from: string; until: string | null } | null>(
    "or null: `text`, `from`, `until`",
  ),
  whatsNew: key<{ version: string; until: string } | null>("or null: `version`, `until`"),
};
interface HalfHour {
  readonly day: string | undefined;
  readonly from: string;
  readonly until: string;
  readonly requests: number | null;
}
const scheduledSwap = {
  id: text(),
  tag: text(),
  choice: text("as typed"),
  override: key<readonly string[]>(),
  at: text(),
  rehearseAt: text(),
  askedAt: text(),
  by: text("who asked"),
  state: key<ScheduledSwap["state"]>(
    "`waiting`, `rehearsing`, `rehearsed`, `swapping`, `done`, `not-ready`, `failed`, `missed`, `cancelled`",
  ),
  since: text(),
  exitCode: key<number | null>(),
  said: key<string | null>(),
  undelivered: key<readonly string[] | null>("why reports were not delivered; null: still to come"),
};

/** The last line of a command with `--json`: the one source of its type and of docs/json.md. */
export const results = [
  result("result", "`init`, `swap`, `rollback`, `restore`, `backup`, `rehearse`, `recover`", {
    operation: z.enum(operationNames),
    instance: text(),
    from: key<string | null>("tag; null for `init`"),
    to: text("tag"),
    outcome: key<OperationRecord["outcome"]>(
      "`done`, `restored`, `needs-human`, `clean-up-pending`",
    ),
    hold: key<number | null>("milliseconds users waited at most; null: the gate stayed open"),
    steps: key<Readonly<Record<string, number>>>("milliseconds each"),
    exitCode,
    error: error.optional().describe("unless done: `code`, `what`, `next`"),
    production: text("unless done: what state production is in").optional(),
    lost: lost.optional().describe("`rollback`: tables of which something is lost; null: unknown"),
    files: key<RollbackResult["files"]>(
      "`rollback`: files that rows name (`named`, `missing`, `examples`), or null",
    ).optional(),
    backups: key<BackupResult["backups"]>("`backup`: what was kept, as in `backups`").optional(),
    snapshot: snapshot.optional().describe("`backup`: as in `backups`, or null"),
    verdict: key<RehearsalReport["verdict"]>(
      "`rehearse`: `ready`, `remarks`, `not-ready`",
    ).optional(),
    report: key<RehearsalReport>("`rehearse`: all it found").optional(),
    url: key<string | null>("`rehearse`: of a kept one, or null").optional(),
  }),
  result("result", "the same, of an operation that ended while the command could not see it", {
    id: text("see `updater history`"),
    operation: z.enum(operationNames),
    from: key<string | null>(),
    to: text(),
    startedAt: text(),
    finishedAt: text(),
    outcome: key<OperationRecord["outcome"]>("as above, or `refused`"),
    error: key<string | null>("a code"),
    hold: key<number | null>(),
    steps: key<OperationRecord["steps"]>(),
    exitCode,
  }),
  result("result", "an operator that was killed before its first step", { exitCode }),
  result("error", "any command that is refused", { exitCode, error }),
  result("detached", "`--detach`", {}),
  result("nothing", "`attach` when nothing goes on", {}),
  result("recovered", "`recover` when there was nothing to end", {
    busy: z.boolean().describe("an operation goes on"),
    started: key<readonly string[]>("containers that did not run"),
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
    >("`tag`, `commit`, `date`, `serving`, `newer` (than what serves), `notes`"),
  }),
  result("built", "`build`", { tag: text(), image: text() }),
  result("plan", "`plan`, `swap --dry-run`", {
    instance: text(),
    choice: text("as typed"),
    from: key<Plan["from"]>("`tag`, `commit`, `localCommit`, `generation`"),
    to: key<Plan["to"]>("`tag`, `commit`, `localCommit`"),
    sources: key<Plan["sources"]>(
      "what differs: notes, files, dependencies, settings, local settings",
    ),
    migrations: key<Plan["migrations"]>("those to come"),
    needs: key<Plan["needs"]>("`disk`, `memory`: `needed`, `free` (bytes)"),
    settingsChanged: key<Plan["settingsChanged"]>("files that come with the swap, or null"),
    image: key<Plan["image"]>("`tag`, `built`"),
    rehearsed: key<Plan["rehearsed"]>("as the event `rehearsed`"),
    steps: key<Plan["steps"]>("`name`, `held` (users wait), `undo`, `commit`"),
  }),
  result("rehearsal-removed", "`rehearse --remove`", { removed: z.boolean() }),
  result("exported", "`rollback --export`", { folder: text(), lost }),
  result("backups", "`backups`", {
    backups: key<Backups["backups"]>(
      "`name`, `kind`, `tag`, `takenAt`, `verifiedAt`, `bytes`, `sha256`, `damaged`, …",
    ),
    others: key<Backups["others"]>("`path`, `bytes`, `writtenAt`"),
    snapshots: key<readonly Snapshot[] | null>(
      "`name`, `id`, `takenAt`, `tag`, `generation`, `bytes`, `added` (bytes), `verifiedAt`, `backups` (names)",
    ),
    error: error.optional().describe("where snapshots could not be asked for"),
  }),
  result("restored-into", "`restore --into`", { folder: text(), snapshot }),
  result("doctor", "`doctor`", {
    instance: key<string | null>(),
    problems: z.number(),
    warnings: z.number(),
    findings: key<readonly object[]>(
      "`check`, `code`, `level` (`ok`, `warning`, `problem`), `what`, `why`, `fix` and their facts",
    ),
  }),
  result("settings-diff", "`settings diff`", {
    from: text(),
    to: text(),
    files: key<SettingsDiff["files"]>(),
    changes: key<SettingsDiff["changes"]>(
      "`file`, `name`, `kind`, `before`, `after` (of the examples), `inSite`",
    ),
  }),
  result("settings-edited", "`settings edit`", { file: text(), placed: z.boolean() }),
  result("settings-checked", "`settings check`", {
    tag: text(),
    settings: text("file"),
    instanceConfig: key<string | null>("file"),
    fit: z.boolean(),
    names: key<SettingsCheck["names"]>("`added`, `removed`, `changed` against what serves"),
    changed: key<SettingsCheck["changed"]>("files that differ from those that serve, or null"),
    exitCode,
    error: key<{ code: string; what: string | null; facts: object } | null>(
      "`code`, `what`, `facts`",
    ),
  }),
  result("announcement", "`announce`", told),
  result("status", "`status`", {
    instance: text(),
    url: text(),
    gateClosed: z.boolean(),
    serving: key<number | null>("generation"),
    generations: key<readonly object[]>(
      "`number`, `tag`, `commit`, `localCommit`, `role` (`serving`, `servedUntilNow`, `previous`, `candidate`, `abandoned`, `kept`), `running`, `slot`, `image`, `createdAt`, …",
    ),
    operation: key<Holder | null>("that goes on: `operation`, `holder`, `since`"),
    unfinished: key<Journal | null>("of an updater that died"),
    rehearsal: key<{ tag: string; url: string | null } | null>("a kept one: `tag`, `url`"),
    settingsChanged: key<readonly string[] | null>("files that differ from those that serve"),
    wayBack: key<WayBack | null>("`tag`, `following`, `reason`, `notLossless`, `until`"),
    jobs: key<JobsOverview | null>(),
    ...told,
    scheduled: key<ScheduledSwap | null>("as `scheduled` below"),
    last: key<OperationRecord | null>("operation, as in `history`"),
  }),
  result("metrics", "`status --metrics`", { text: text() }),
  result("slots", "`slots`", {
    since: text(),
    timeZone: text(),
    quietest: key<readonly HalfHour[]>("`day`, `from`, `until`, `requests` (null: unknown)"),
    slots: key<readonly HalfHour[]>("all 336"),
  }),
  result("history", "`history`", {
    operations: key<readonly object[]>(
      "`id`, `operation`, `from`, `to`, `startedAt`, `finishedAt`, `outcome`, `error`, `hold`, `steps`, `verdict` (of a rehearsal)",
    ),
  }),
  result("log", "`logs --operation`, `jobs log`", { log: text() }),
  result("jobs", "`jobs`", {
    enabled: z.boolean(),
    scheduler: z.boolean().describe("whether it runs"),
    schedules: key<JobsOverview["schedules"]>("`kind`, `next`, `late`, `last`"),
    running: key<JobsOverview["running"]>(),
    runs: key<readonly EndedRun[]>("as `jobs run`"),
  }),
  result("result", "`jobs run`", { ...jobsRun, exitCode }),
  result("jobs-started", "`jobs start`", {}),
  result("jobs-stopped", "`jobs stop`", { stopped: z.boolean() }),
  result("jobs-cancelled", "`jobs cancel`", { kind: key<JobKind | null>() }),
  result("scheduled", "`swap --at`, `scheduled cancel`", {
    ...scheduledSwap,
    quiet: key<(HalfHour & { readonly since: string }) | null>(
      "of `--at`: `day`, `from`, `until`, `requests`, `since`; null: a time was given",
    ).optional(),
  }),
  result("schedule", "`scheduled`", {
    scheduler: z.boolean().describe("whether it runs"),
    swaps: key<readonly ScheduledSwap[]>("as `swap --at`"),
  }),
  result("pruned", "`prune`", {
    generations: key<readonly number[]>(),
    images: key<readonly string[]>(),
  }),
  result("destroyed", "`destroy`", { instance: text() }),
] as const;

export type Result = z.input<(typeof results)[number]>;
