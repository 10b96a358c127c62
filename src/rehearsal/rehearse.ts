import { buildEnvironmentOf } from "../build/build-environment.ts";
import { ensureOwnImage } from "../build/own-images.ts";
import { isError } from "../errors.ts";
import { reportStep } from "../instance/events.ts";
import type { Instance } from "../instance/instance.ts";
import { refuseNameConflicts } from "../instance/name-conflicts.ts";
import { rehearsalNumber } from "../instance/names.ts";
import { siteDigest } from "../instance/site-files.ts";
import type { Generation, RehearsalRecord } from "../instance/state.ts";
import { compareSources } from "../release/compare-sources.ts";
import { findTarget } from "../release/release.ts";
import { type Target, targetText } from "../release/target.ts";
import { publishBooted, publishChanges } from "../reverse-replication/publish-changes.ts";
import { Guardrails } from "../runner/guardrails.ts";
import { lookAtData, refuseUnlogged } from "../runner/look-at-data.ts";
import {
  diskNeeds,
  refuseOlder,
  refuseServing,
  refuseSmallDisk,
  refuseStopped,
} from "../runner/preflight.ts";
import { type OperationResult, runOperation } from "../runner/run.ts";
import { runSteps } from "../runner/run-steps.ts";
import type { Step, StepRun } from "../runner/step.ts";
import { buildReleaseImage } from "../steps/build-image.ts";
import { cloneDatabase } from "../steps/clone-database.ts";
import { catchUpCandidate, promoteCandidate } from "../steps/fence-and-promote.ts";
import { bootCandidate } from "../steps/migrate-candidate.ts";
import { catalogueOf, type Language, type StepName } from "../text/catalogue.ts";
import { keepRehearsal } from "./keep-rehearsal.ts";
import { rehearsalContext, type RehearsalContext } from "./rehearsal-context.ts";
import { reportOf } from "./rehearsal-report.ts";
import { compareWithMachine, copyMachine } from "./rehearse-move.ts";
import { clearRehearsal, detachCopy, removeRehearsal, sanitizeCopy } from "./rehearse-copy.ts";
import { compareBooted, compareMigrated, measureData } from "./rehearse-data.ts";
import {
  askServing,
  measureNeeds,
  migrateRehearsed,
  probeRehearsed,
  startRehearsed,
} from "./rehearse-release.ts";
import type { RehearsalReport } from "./report/model.ts";
import { blockingOf } from "./report/verdict.ts";

/** A rehearsal, in order: what a swap does, on a copy users do not reach, with a look around after each part. */
export function rehearsalSteps({
  instance,
  keep,
  serving,
}: Pick<RehearsalContext, "instance" | "keep"> & {
  readonly serving: Pick<Generation, "bareMetal">;
}): readonly Step<RehearsalContext, RehearsalContext>[] {
  const moves = serving.bareMetal !== undefined;
  const copy = moves
    ? [copyMachine]
    : [cloneDatabase, catchUpCandidate, promoteCandidate, detachCopy];
  return [
    clearRehearsal,
    buildReleaseImage,
    ...copy,
    ...(instance.configuration.rehearse.sanitize === undefined ? [] : [sanitizeCopy]),
    ...(moves ? [] : [askServing]),
    measureData,
    startRehearsed,
    migrateRehearsed,
    compareMigrated,
    publishChanges,
    bootCandidate,
    compareBooted,
    probeRehearsed,
    // After what users wait for, which is to be as cold here as it will be then.
    ...(moves ? [compareWithMachine] : []),
    publishBooted,
    measureNeeds,
    keep ? keepRehearsal : removeRehearsal,
  ];
}

/** Rehearsals kept in the state. */
const remembered = 20;

/** What a release may do wrong: a rehearsal that finds it out has done its work. */
const verdicts = [
  "releaseFails",
  "releaseDoesNotBuild",
  "applicationEnded",
  "applicationSilent",
  "rehearsalTooLong",
  "heldTooLarge",
] as const;

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
  target: Target,
  how: Pick<RehearsalContext, "keep" | "asSite"> & { readonly language: Language },
  signal: AbortSignal,
): Promise<RehearsalResult> {
  const { language } = how;
  const choice = targetText(target);
  let report: RehearsalReport | undefined;
  let port: number | undefined;
  const moves = target.kind === "move";
  const request = {
    instance,
    language,
    operation: "rehearse",
    title: moves ? "adopt --rehearse" : `rehearse ${choice}`,
    ...(moves && { ofBareMetal: true as const }),
  } as const;
  const { result } = await runOperation(request, async (begun) => {
    const { serving, state, sessions, control, instance: site } = begun;
    const { reporter } = site;
    const startedAt = new Date().toISOString();
    const release = await findTarget(site, target, serving, signal);
    const { tag: to } = release;
    const settings = await siteDigest(site);
    await reportStep(reporter, "preflight", async () => {
      if (!moves) {
        await refuseServing(site, release, serving);
        refuseOlder(release, serving);
      }
      await refuseNameConflicts(site, rehearsalNumber);
      await refuseStopped(site, serving);
      await refuseSmallDisk(site, sessions, serving, "rehearse");
      const looked = await lookAtData(site, sessions, serving);
      // Nothing is lost by a rehearsal; what a swap refuses is told.
      await new Guardrails(["unlogged"], reporter).ask("unlogged", () => refuseUnlogged(looked));
    });
    const comparison = await reportStep(reporter, "compare-sources", async () =>
      compareSources(site, release, serving, signal),
    );
    begun.announce(to);
    const databaseImage = moves ? await ownDatabase(site) : serving.databaseImage;
    const context = rehearsalContext(begun, release, serving, { ...how, databaseImage });
    // Before its own copy takes any.
    context.facts.disk = await diskNeeds(site, sessions, serving);
    const run = await runSteps(rehearsalSteps(context), context, signal);
    const failure = failureOf(run, catalogueOf(language), context);
    if (run.outcome.kind !== "done" && !failure) return { to, run };
    const made = await reportOf(context, run, { failure, comparison, startedAt, choice });
    report = made;
    port = context.facts.port;
    await control.writeReport(made.id, JSON.stringify(made));
    await state.change((current) => ({
      ...current,
      rehearsals: [...current.rehearsals, recordOf(made, serving, settings)].slice(-remembered),
    }));
    return { to, run: { ...run, outcome: { kind: "done" } } };
  });
  return { ...result, report, port };
}

/** PostgreSQL as sites get it today: an installation by hand has none of ours. */
async function ownDatabase({ engine, configuration, reporter }: Instance): Promise<string> {
  return await ensureOwnImage(
    engine,
    "database",
    await buildEnvironmentOf(configuration),
    reporter,
  );
}

/** Where the release failed, when that is why the steps ended. */
function failureOf(
  { outcome, failedAt }: StepRun,
  catalogue: ReturnType<typeof catalogueOf>,
  { facts }: RehearsalContext,
): RehearsalReport["failure"] {
  if (outcome.kind !== "restored" || failedAt === undefined) return null;
  const { error } = outcome;
  if (!isError(error, ...verdicts)) return null;
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
  const blocking = new Set(blockingOf(findings).map(({ code }) => code));
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
    blocking: [...blocking],
    notLossless: report.rollback
      .filter(({ class: kind }) => kind !== "lossless")
      .map(({ table }) => table),
    hold: hold?.total ?? null,
  };
}
