import { UpdaterError } from "../errors.ts";
import { refuseForeign } from "../instance/name-conflicts.ts";
import type { Instance } from "../instance/instance.ts";
import { rehearsalNumber } from "../instance/names.ts";
import { siteDigest } from "../instance/site-files.ts";
import type { Generation, RehearsalRecord } from "../instance/state.ts";
import { type View, viewInstance } from "../instance/read-instance.ts";
import type { RehearsalReport } from "./report/model.ts";
import { reportStep } from "../instance/events.ts";
import { catalogueOf, type Language, type StepName } from "../text/catalogue.ts";
import { compareSources } from "../release/compare-sources.ts";
import type { Making, OperationContext } from "../runner/context.ts";
import { refuseServing, refuseOlder, refuseSmallDisk, refuseStopped } from "../runner/preflight.ts";
import { noFacts, type RehearsalContext } from "./rehearsal-context.ts";
import { reportOf } from "./rehearsal-report.ts";
import { rehearsalSteps } from "./rehearse.ts";
import { type Choice, choiceText } from "../release/choice.ts";
import { findChosen } from "../release/release.ts";
import { type OperationResult, withOperation } from "../runner/run.ts";
import { startingGeneration } from "../instance/serving.ts";
import { runSteps, type StepRun } from "../runner/step.ts";

/** Rehearsals kept in the state. */
const remembered = 20;

/** What a release may do wrong: a rehearsal that finds it out has done its work. */
const verdicts = new Set<string>([
  "releaseFails",
  "releaseDoesNotBuild",
  "applicationEnded",
  "rehearsalTooLong",
]);

export interface RehearsalResult extends OperationResult {
  /** Absent when the rehearsal itself could not be carried out. */
  readonly report: RehearsalReport | undefined;
  /** Port of 127.0.0.1 at which a kept rehearsal answers. */
  readonly port: number | undefined;
}

/**
 * Tries a release on a copy of production's data and says what a swap would do.
 * @throws UpdaterError when it is refused before anything has begun
 */
export async function rehearse(
  instance: Instance,
  choice: Choice,
  { keep, language }: { keep: boolean; language: Language },
  signal: AbortSignal,
): Promise<RehearsalResult> {
  const { engine, name } = instance;
  const { state } = await viewInstance(engine, name);
  let view: View;
  let report: RehearsalReport | undefined;
  let port: number | undefined;
  const result = await withOperation(
    {
      instance,
      language,
      operation: "rehearse",
      title: `rehearse ${choiceText(choice)}`,
      image: state.proxyImage,
    },
    async () => (view = await viewInstance(engine, name)).state,
    async (operation) => {
      const startedAt = new Date().toISOString();
      const serving = startingGeneration(view, name);
      const { reporter } = operation.instance;
      const release = await findChosen(operation.instance, choice, serving, signal);
      const { tag } = release;
      const settings = await siteDigest(instance);
      await reportStep(reporter, "preflight", async () => {
        await refuseServing(operation.instance, release, serving);
        refuseOlder(release, serving);
        await refuseForeign(operation.instance, rehearsalNumber);
        await refuseStopped(operation.instance, serving);
        await refuseSmallDisk(operation.instance, operation.sessions, serving, "rehearse");
      });
      const comparison = await reportStep(reporter, "compare-sources", async () =>
        compareSources(operation.instance, release, serving, signal),
      );
      const context = rehearsalContext(operation, release, serving, keep);
      reporter.event({
        type: "operation-started",
        operation: "rehearse",
        instance: name,
        from: serving.tag,
        to: tag,
      });
      const run = await runSteps(rehearsalSteps(context), context, signal);
      operation.state = context.state;
      const failure = failureOf(run, catalogueOf(language), context);
      if (run.outcome.kind !== "done" && !failure) return { from: serving.tag, to: tag, run };
      report = await reportOf(context, {
        run,
        failure,
        comparison,
        startedAt,
        choice: choiceText(choice),
      });
      port = context.facts.port;
      await operation.control.writeReport(report.id, JSON.stringify(report));
      operation.state = {
        ...operation.state,
        rehearsals: [...operation.state.rehearsals, recordOf(report, serving, settings)].slice(
          -remembered,
        ),
      };
      return { from: serving.tag, to: tag, run: { ...run, outcome: { kind: "done" } } };
    },
  );
  return { ...result, report, port };
}

export function rehearsalContext(
  operation: OperationContext,
  release: Making,
  serving: Generation,
  keep: boolean,
): RehearsalContext {
  return {
    ...operation,
    release,
    serving,
    keep,
    migrated: { changed: [], added: [] },
    servedSchema: { tables: [], sequences: [], types: {} },
    candidate: {
      number: rehearsalNumber,
      slot: rehearsalNumber,
      databaseImage: serving.databaseImage,
      image: "",
      pending: [],
    },
    facts: noFacts(),
    room: {
      disk: async () => {
        await refuseSmallDisk(operation.instance, operation.sessions, serving, "rehearse");
      },
      // It is measured, and said in the report.
      memory: () => Promise.resolve(),
    },
  };
}

/** Where the release failed, when that is why the steps ended. */
function failureOf(
  { outcome, failedAt }: StepRun,
  catalogue: ReturnType<typeof catalogueOf>,
  { facts }: RehearsalContext,
): RehearsalReport["failure"] {
  if (outcome.kind !== "restored" || failedAt === undefined) return null;
  const { error } = outcome;
  if (!(error instanceof UpdaterError) || !verdicts.has(error.code)) return null;
  // The migration's own words name no value of the row at fault.
  const migration = facts.migrations.at(-1);
  const reason =
    failedAt === "migrate" && migration?.failure
      ? `${migration.name}: ${migration.failure}`
      : error.describe(catalogue).what;
  return { step: failedAt satisfies StepName, reason };
}

function recordOf(report: RehearsalReport, serving: Generation, settings: string): RehearsalRecord {
  const { id, to, data, finishedAt, verdict, findings, hold } = report;
  const blocking = findings
    .filter(({ severity }) => severity === "blocking")
    .map(({ code }) => code);
  return {
    id,
    tag: to.tag,
    commit: to.commit,
    localCommit: to.localCommit,
    settings,
    serving: serving.number,
    image: to.image,
    imageId: to.imageId,
    position: data.position,
    finishedAt,
    verdict,
    blocking: [...new Set(blocking)],
    notLossless: report.rollback
      .filter(({ class: kind }) => kind !== "lossless")
      .map(({ table }) => table),
    hold: hold?.total ?? null,
  };
}
