import { readFile } from "node:fs/promises";
import { isError, messageOf, UpdaterError } from "../errors.ts";
import { refuseNameConflicts } from "../instance/name-conflicts.ts";
import type { Instance } from "../instance/instance.ts";
import { rehearsalNumber } from "../instance/names.ts";
import { rehearsalThere } from "../rehearsal/rehearsal.ts";
import {
  changedSiteFiles,
  readServedFiles,
  readSiteFiles,
  siteFile,
} from "../instance/site-files.ts";
import type { Generation } from "../instance/state.ts";
import { type Reporter, reportStep } from "../instance/events.ts";
import { type ChangedNames, changedNames } from "../source/settings-comparison.ts";
import { cloneDatabase } from "../steps/clone-database.ts";
import { loadSettings } from "./load-settings.ts";
import { bootCandidate, probeCandidate } from "../steps/migrate-candidate.ts";
import { catchUpCandidate, promoteCandidate } from "../steps/fence-and-promote.ts";
import {
  clearRehearsal,
  detachCopy,
  removeRehearsal,
  sanitizeCopy,
} from "../rehearsal/rehearse-copy.ts";
import { startRehearsed } from "../rehearsal/rehearse-release.ts";
import type { Language } from "../text/catalogue.ts";
import { refuseSmallDisk, refuseStopped } from "../runner/preflight.ts";
import { rehearsalContext, type RehearsalContext } from "../rehearsal/rehearsal-context.ts";
import { servingAgain } from "../release/release.ts";
import { beginOperation } from "../runner/run.ts";
import { releaseImage } from "../steps/context.ts";
import { runSteps } from "../runner/run-steps.ts";
import type { Step } from "../runner/step.ts";

/** Files to check in the place of the site's own. */
export interface SettingsFiles {
  readonly settings: string | undefined;
  readonly instanceConfig: string | undefined;
}

export interface SettingsCheck {
  /** What is serving, or a site is to begin with, and was tried with these settings. */
  readonly tag: string;
  readonly settings: string;
  readonly instanceConfig: string | null;
  /** What is wrong with them. */
  readonly fault: UpdaterError | undefined;
  /** What they set otherwise than those that are serving; null where there is no site yet. */
  readonly names: ChangedNames | null;
  /** The files that differ from those that are serving; null where that is unknown. */
  readonly changed: readonly string[] | null;
}

/** What settings may do wrong: a check that finds it out has done its work. */
const faults = ["settingsFail", "releaseFails", "pagesFail", "applicationEnded"] as const;

/** Lines of what Django's checks say. */
const mostLines = 6;

/**
 * Tries settings with the release that is serving, on a copy of its data that users do not reach. Nothing of it
 * is left, and production runs nothing of it.
 * @throws UpdaterError when it could not be tried
 */
export async function checkSettings(
  site: Instance,
  files: SettingsFiles,
  language: Language,
  signal: AbortSignal,
): Promise<SettingsCheck> {
  const printed: string[] = [];
  const instance = await withFiles(site, files, printed);
  // It is a rehearsal, of nothing but the settings.
  const request = { instance, language, operation: "rehearse", title: "settings check" } as const;
  return await beginOperation(request, async (begun) => {
    const { serving, sessions } = begun;
    await reportStep(begun.instance.reporter, "preflight", async () => {
      if ((await rehearsalThere(instance)) === "kept") {
        throw new UpdaterError("rehearsalInTheWay", {});
      }
      await refuseNameConflicts(instance, rehearsalNumber);
      await refuseStopped(instance, serving);
      await refuseSmallDisk(instance, sessions, serving);
    });
    const release = servingAgain(instance, serving, signal);
    const context = rehearsalContext(begun, release, serving, { keep: false });
    context.outputs.set(releaseImage, serving.image);
    const { outcome } = await runSteps(checkSteps(context), context, signal);
    const error = outcome.kind === "done" ? undefined : outcome.error;
    if (outcome.kind === "needs-human") {
      const reason = messageOf(outcome.undoError);
      throw new UpdaterError("rehearsalNotTidied", { reason }, outcome.undoError);
    }
    const fault = faultIn(error, printed);
    if (error !== undefined && !fault) throw error;
    const { settings, instanceConfig = null } = instance.configuration.site;
    return {
      tag: serving.tag,
      settings,
      instanceConfig,
      fault,
      names: await namesOf(instance, serving),
      changed: (await changedSiteFiles(instance, serving.number)) ?? null,
    };
  });
}

function checkSteps({
  instance,
}: Pick<RehearsalContext, "instance">): readonly Step<RehearsalContext, RehearsalContext>[] {
  return [
    clearRehearsal,
    loadSettings,
    cloneDatabase,
    catchUpCandidate,
    promoteCandidate,
    detachCopy,
    ...(instance.configuration.rehearse.sanitize === undefined ? [] : [sanitizeCopy]),
    startRehearsed,
    bootCandidate,
    probeCandidate,
    removeRehearsal,
  ];
}

/** Checks of Django's own print what they found and end the program without another word. */
function faultIn(error: unknown, printed: readonly string[]): UpdaterError | undefined {
  if (!isError(error, ...faults)) return undefined;
  const { tag, reason } = error.parameters as { tag?: string; reason?: string };
  const said = printed.findLastIndex((line) => /^[\w.]*(Error|Exception)\b/.test(line));
  if (tag === undefined || !reason?.startsWith("SystemExit") || said === -1) return error;
  const lines = printed.slice(said).filter(Boolean).slice(0, mostLines);
  return new UpdaterError("releaseFails", { tag, reason: lines.join("\n") }, error);
}

/**
 * The site with other files of settings.
 * @param printed filled with what the application prints
 * @throws UpdaterError `settingsUnreadable`
 */
export async function withFiles(
  instance: Instance,
  { settings, instanceConfig }: SettingsFiles,
  printed: string[] = [],
): Promise<Instance> {
  for (const file of [settings, instanceConfig]) {
    if (file === undefined) continue;
    await readFile(file).catch((thrown: unknown) => {
      throw new UpdaterError("settingsUnreadable", { file, reason: messageOf(thrown) }, thrown);
    });
  }
  const { site } = instance.configuration;
  const given = {
    ...site,
    settings: settings ?? site.settings,
    instanceConfig: instanceConfig ?? site.instanceConfig,
  };
  const reporter: Reporter = {
    event(event) {
      if (event.type === "output" && event.source === "application") printed.push(event.line);
      instance.reporter.event(event);
    },
  };
  return { ...instance, reporter, configuration: { ...instance.configuration, site: given } };
}

async function namesOf(instance: Instance, serving: Generation): Promise<ChangedNames> {
  const served = await readServedFiles(instance, serving.number, [siteFile.settings]);
  const given = await readSiteFiles(instance.configuration);
  const [before, after] = [served, given].map((files) =>
    files.get(siteFile.settings)?.toString("utf8"),
  );
  return changedNames(before ?? "", after ?? "");
}
