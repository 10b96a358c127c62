import type { SourceComparison } from "../release/compare-sources.ts";
import type { Instance } from "../instance/instance.ts";
import { changedSiteFiles, siteDigest } from "../instance/site-files.ts";
import type { Generation, Rehearsed } from "../instance/state.ts";
import { readInstance } from "../instance/read-instance.ts";
import { migrationsToCome, type PlannedMigration } from "../source/migrations.ts";
import type { StepName } from "../text/catalogue.ts";
import { imageOf } from "../release/image.ts";
import { compareSources } from "../release/compare-sources.ts";
import type { VersionChange } from "../runner/context.ts";
import { Guardrails } from "../runner/guardrails.ts";
import {
  diskNeeds,
  memoryNeeds,
  type Needs,
  refuseOlder,
  refuseServing,
  refuseStopped,
} from "../runner/preflight.ts";
import { findRehearsal, rehearsalOf } from "../rehearsal/rehearsed.ts";
import { type Target, targetText } from "../release/target.ts";
import { findTarget, type Release } from "../release/release.ts";
import { ownGeneration } from "../instance/serving.ts";
import { Sessions } from "../runner/sessions.ts";
import { inOrder } from "../runner/step.ts";
import { swapSteps } from "./swap.ts";

/** What a swap would do, as far as it can be known without trying. */
export interface Plan {
  readonly instance: string;
  /** What is asked for, as it is typed after `updater swap`. */
  readonly choice: string;
  readonly from: PlannedEdition & { readonly generation: number };
  readonly to: PlannedEdition;
  readonly sources: SourceComparison;
  readonly migrations: readonly PlannedMigration[];
  readonly needs: Needs;
  /** The site's files that differ from those that serve, and come with a swap; null where that is unknown. */
  readonly settingsChanged: readonly string[] | null;
  readonly image: { readonly tag: string; readonly built: boolean };
  readonly rehearsed: Rehearsed;
  readonly steps: readonly PlannedStep[];
}

interface PlannedEdition {
  readonly tag: string;
  readonly commit: string;
  readonly localCommit: string;
}

export interface PlannedStep {
  readonly name: StepName;
  /** Users wait meanwhile. */
  readonly held: boolean;
  /** It has an undo of its own. */
  readonly undo: boolean;
  /** From here on there is no undo but a rollback. */
  readonly commit: boolean;
}

/**
 * Takes no lock and changes nothing.
 * @param override names of guardrails that a swap would be told to ignore
 * @throws UpdaterError where a swap would refuse the release itself
 */
export async function planSwap(
  instance: Instance,
  target: Target,
  override: readonly string[],
  signal: AbortSignal,
): Promise<Plan> {
  const { engine, name, reporter } = instance;
  const guardrails = new Guardrails(override, reporter);
  const view = await readInstance(engine, name);
  const serving = ownGeneration(view);
  const release = await findTarget(instance, target, serving, signal);
  const { tag } = release;
  await guardrails.ask("already-serving", () => refuseServing(instance, release, serving));
  await guardrails.ask("older", () => refuseOlder(release, serving));
  guardrails.settle();
  await refuseStopped(instance, serving);
  const sessions = new Sessions(instance);
  try {
    return {
      instance: name,
      choice: targetText(target),
      from: { ...editionOf(serving), generation: serving.number },
      to: { tag, commit: release.commit, localCommit: release.local.commit },
      sources: await compareSources(instance, release, serving, signal),
      migrations: await readMigrations(release, serving, sessions),
      needs: {
        disk: await diskNeeds(instance, sessions, serving),
        memory: await memoryNeeds(instance, serving),
      },
      settingsChanged: (await changedSiteFiles(instance, serving.number)) ?? null,
      image: await imageOf(instance, release),
      rehearsed: await findRehearsal(
        instance,
        sessions,
        release,
        rehearsalOf(view.state, release, serving, await siteDigest(instance)),
      ),
      steps: plannedSteps({ instance, release, serving }),
    };
  } finally {
    await sessions.close();
  }
}

/** The very steps a swap of this site runs. */
export function plannedSteps(change: VersionChange): PlannedStep[] {
  return inOrder(swapSteps(change)).map((step) => ({
    name: step.name,
    held: step.gate === "closed",
    undo: "undo" in step,
    commit: step.commit !== undefined,
  }));
}

function editionOf({ tag, commit, localCommit }: Generation): PlannedEdition {
  return { tag, commit, localCommit };
}

async function readMigrations(
  { source, commit }: Release,
  serving: Generation,
  sessions: Sessions,
): Promise<PlannedMigration[]> {
  const database = await sessions.database(serving.number);
  const { rows } = await database.query<{ name: string }>(
    "SELECT app || '.' || name AS name FROM django_migrations",
  );
  const files = (await source.listFiles(commit)) ?? new Map<string, string>();
  const target = { files, read: async (path: string) => source.readBlob(files.get(path) ?? "") };
  // A serving commit that is gone from the repository knows no application that is not installed.
  const servingFiles = (await source.listFiles(serving.commit)) ?? new Map<string, string>();
  return await migrationsToCome(target, servingFiles, new Set(rows.map(({ name }) => name)));
}
