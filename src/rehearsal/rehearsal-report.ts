import { imageId, imageLabels, imageSize } from "../engine/images.ts";
import type { Generation, OperationRecord } from "../instance/state.ts";
import { uncompared } from "../postgres/compare-data.ts";
import { type Migrated, rollbackClasses } from "../postgres/rollback-classes.ts";
import { schemaChanges } from "../postgres/schema-changes.ts";
import type {
  Edition,
  HoldPrediction,
  PageReport,
  RehearsalReport,
  TableReport,
} from "./report/model.ts";
import { findingsOf, verdictOf } from "./report/verdict.ts";
import type { StepName } from "../text/catalogue.ts";
import type { RehearsalContext, RehearsalFacts } from "./rehearsal-context.ts";
import type { StepRun } from "../runner/step.ts";
import { releaseImage } from "../steps/context.ts";

/** Milliseconds of what only a real hold can tell, where there has been none yet. */
const experience = { "close-gate": 200, fence: 30, "complete-media": 50, commit: 10 } as const;

const unmeasured = { needed: 0, free: 0 };

/**
 * A rehearsal as a value: what its steps found, and what follows from it.
 * @param known what the steps cannot tell
 */
export async function reportOf(
  context: RehearsalContext,
  { durationsMs }: StepRun,
  known: Pick<RehearsalReport, "failure" | "comparison" | "startedAt" | "choice">,
): Promise<RehearsalReport> {
  const { facts, serving, release, instance } = context;
  const to = { tag: release.tag, commit: release.commit, localCommit: release.local.commit };
  const found = {
    version: 1 as const,
    id: context.id,
    instance: instance.name,
    ...known,
    from: await edition(context, serving, serving.image),
    to: await edition(context, to, context.outputs.find(releaseImage) ?? ""),
    finishedAt: new Date().toISOString(),
    sanitized: instance.configuration.rehearse.sanitize !== undefined,
    hold: known.failure ? null : predictHold(context, durationsMs),
    ...gathered(context),
  };
  const findings = findingsOf(
    {
      ...found,
      droppedValues: facts.droppedValues ?? [],
      mappingFailures: facts.mappingFailures ?? [],
      noUser: facts.answered !== undefined && facts.answered.user === null,
    },
    instance.configuration.rehearse.longestLockMs,
  );
  return { ...found, findings, verdict: verdictOf(findings) };
}

/** What the steps have noted, in the report's terms. */
function gathered({ facts, instance }: RehearsalContext) {
  const { before, migrated, booted } = facts;
  const { map } = instance.configuration.rollback;
  return {
    data: facts.copy ?? { at: "", position: "", size: 0 },
    migrations: facts.migrations.map(({ overhead: _, ...migration }) => migration),
    tables: tablesOf(facts),
    sequences: facts.sequences ?? [],
    constraints: facts.constraints ?? [],
    schema: [
      ...(before && migrated ? schemaChanges(before, migrated, "migration") : []),
      ...(migrated && booted ? schemaChanges(migrated, booted, "boot") : []),
    ],
    rollback:
      before && migrated
        ? rollbackClasses(before, booted ?? migrated, touchedByMigrations(facts), map)
        : [],
    pages: pagesOf(facts),
    needs: { disk: facts.disk ?? unmeasured, memory: facts.memory ?? unmeasured },
  };
}

async function edition(
  { instance }: RehearsalContext,
  { tag, commit, localCommit }: Pick<Generation, "tag" | "commit" | "localCommit">,
  image: string,
): Promise<Edition> {
  const there = image !== "" && (await imageLabels(instance.engine, image)) !== undefined;
  return {
    tag,
    commit,
    localCommit,
    image,
    imageId: there ? await imageId(instance.engine, image) : "",
    imageSize: there ? await imageSize(instance.engine, image) : 0,
  };
}

/** The parts of a swap in which users wait, as long as they took here. */
function predictHold(
  { instance, facts, state }: RehearsalContext,
  durations: StepRun["durationsMs"],
): HoldPrediction {
  const watching = facts.migrations.reduce((total, { overhead }) => total + overhead, 0);
  const told = (step: keyof typeof experience) => ({
    step,
    milliseconds: usual(state.current.history, step) ?? experience[step],
    measured: false,
  });
  const measured = (step: StepName, less = 0) => {
    // In a swap users wait, and their processors are free.
    const spent = (durations[step] ?? 0) - less - (facts.waited?.[step] ?? 0);
    return { step, milliseconds: Math.max(0, spent), measured: true };
  };
  const { moving } = facts;
  const data = moving
    ? [
        { step: "complete-media" as const, milliseconds: moving.media, measured: true },
        { step: "move-database" as const, milliseconds: moving.database, measured: true },
      ]
    : [
        ...(instance.configuration.rollback.snapshotMedia ? [told("complete-media")] : []),
        measured("catch-up"),
        measured("promote"),
      ];
  const parts = [
    told("close-gate"),
    told("fence"),
    ...data,
    measured("migrate", watching),
    measured("publish-changes"),
    measured("boot"),
    measured("probe"),
    measured("publish-boot"),
    told("commit"),
  ];
  const total = parts.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return { parts, total, max: instance.configuration.hold.maxMs };
}

/** What a step took in the last five operations that had it: the one in the middle. */
function usual(history: readonly OperationRecord[], step: StepName): number | undefined {
  const times = history
    .filter(({ operation, outcome }) => operation !== "rehearse" && outcome === "done")
    .flatMap(({ steps }) => steps[step] ?? [])
    .slice(-5)
    .sort((one, other) => one - other);
  return times[Math.floor(times.length / 2)];
}

/** Every table there was or is; one with the same name that boot made anew counts as the same. */
function tablesOf({ data, booted, migrated, rows }: RehearsalFacts): TableReport[] {
  if (!data) return [];
  const now = new Map(booted?.tables.map((table) => [table.name, table]));
  const reports = data.map((table) => {
    if (!booted || !rows || table.migrated === null) return { ...table, booted: null };
    const same = now.get(table.table);
    const gone = !booted.tables.some(({ oid }) => oid === table.oid);
    return {
      ...table,
      booted: same ? (rows.get(same.oid) ?? 0) : null,
      ...(gone && { droppedBy: "boot" as const }),
      ...(gone && same && { createdBy: "boot" as const }),
    };
  });
  const before = new Set(migrated?.tables.map(({ oid }) => oid));
  const known = new Set(data.map(({ table }) => table));
  const made = (booted?.tables ?? [])
    .filter(({ oid, name }) => !before.has(oid) && !known.has(name))
    .map((table) => ({
      ...uncompared(table),
      booted: rows?.get(table.oid) ?? 0,
      createdBy: "boot" as const,
    }));
  return [...reports, ...made]
    .sort((one, other) => (one.table < other.table ? -1 : 1))
    .map(({ oid: _, ...table }) => table);
}

function touchedByMigrations({ data = [] }: RehearsalFacts): Migrated {
  const changed = data.filter(({ changed, removed }) => changed.length > 0 || removed);
  const added = data.filter(({ added }) => added);
  return {
    changed: changed.map(({ table }) => table),
    added: added.map(({ table }) => table),
  };
}

function pagesOf({ asked, answered, differing = [] }: RehearsalFacts): PageReport[] {
  const differ = new Map(
    differing.map(([page, lines]) => [`${page.page} ${page.signed_in}`, lines]),
  );
  const earlier = new Map(asked?.pages.map((page) => [`${page.page} ${page.signed_in}`, page]));
  const pages = answered?.pages ?? asked?.pages ?? [];
  return pages.map((page) => {
    const before = earlier.get(`${page.page} ${page.signed_in}`);
    const lines = differ.get(`${page.page} ${page.signed_in}`);
    const answer = ({ status, milliseconds, size }: typeof page) => ({
      status,
      milliseconds,
      size,
    });
    return {
      page: page.page,
      signedIn: page.signed_in,
      before: before ? answer(before) : null,
      after: answered ? answer(page) : null,
      // What the serving version does too is not this release's doing.
      sqlErrors: answered
        ? page.sqlErrors.filter((message) => !before?.sqlErrors.includes(message))
        : [],
      ...(lines !== undefined && { differing: lines }),
    };
  });
}
