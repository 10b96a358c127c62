import type { Dump } from "../backup/dump.ts";
import { recogniseDump } from "../backup/dump.ts";
import { loadFixture, restoreDatabase } from "../backup/restore-dump.ts";
import { buildEnvironmentOf } from "../build/build-environment.ts";
import { ensureOwnImage, updaterImage } from "../build/own-images.ts";
import { listContainers } from "../engine/containers.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { isAbandoned } from "../engine/named-lock.ts";
import { ensureNetwork } from "../engine/networks.ts";
import { ensureVolume, listVolumes } from "../engine/volumes.ts";
import { isError, UpdaterError } from "../errors.ts";
import { removeInstance } from "../instance/destroy.ts";
import { reportStep } from "../instance/events.ts";
import type { Instance } from "../instance/instance.ts";
import { findLock, lockedBy } from "../instance/instance-lock.ts";
import { refuseNameConflicts } from "../instance/name-conflicts.ts";
import { paths, rehearsalNumber } from "../instance/names.ts";
import { findInstance } from "../instance/read-instance.ts";
import { slots } from "../instance/slot.ts";
import { findRelease, newestTag } from "../release/release.ts";
import type { OperationContext } from "../runner/context.ts";
import { type OperationResult, underLock } from "../runner/run.ts";
import { journalOf } from "../runner/step-journal.ts";
import { runSteps } from "../runner/run-steps.ts";
import type { Step } from "../runner/step.ts";
import { bringMedia, findMedia, type MediaFolder } from "../steps/bring-media.ts";
import { buildReleaseImage } from "../steps/build-image.ts";
import type { NewReleaseContext } from "../steps/context.ts";
import { createDatabase, openProxy, openSite } from "../steps/init-instance.ts";
import { bootCandidate, migrateCandidate, probeCandidate } from "../steps/migrate-candidate.ts";
import { startCandidate } from "../steps/start-candidate.ts";
import type { Language } from "../text/catalogue.ts";

/** Steps that create an instance; without a dump from an empty database. */
export interface InitContext extends NewReleaseContext {
  readonly dump: Dump | undefined;
  readonly media: MediaFolder | undefined;
  readonly proxyImage: string;
}

export interface InitOptions {
  /** The newest version when absent. */
  readonly tag: string | undefined;
  readonly fromDump: string | undefined;
  /** Folder of this machine. */
  readonly media: string | undefined;
  readonly language: Language;
}

/** The first generation of an instance, in order. */
export function initSteps({
  dump,
  media,
}: {
  readonly dump: Pick<Dump, "kind"> | undefined;
  readonly media: object | undefined;
}): readonly Step<InitContext, InitContext>[] {
  return [
    openProxy,
    ...(media ? [bringMedia] : []),
    buildReleaseImage,
    createDatabase,
    ...(dump && dump.kind !== "fixture" ? [restoreDatabase] : []),
    startCandidate,
    migrateCandidate,
    ...(dump?.kind === "fixture" ? [loadFixture] : []),
    bootCandidate,
    probeCandidate,
    openSite,
  ];
}

/**
 * Creates an instance.
 * @throws UpdaterError when it is refused before anything has changed
 */
export async function init(
  instance: Instance,
  options: InitOptions,
  signal: AbortSignal,
): Promise<OperationResult> {
  await refuseExisting(instance);
  await refuseNameConflicts(instance, 1);
  const beginning = await prepare(instance, options, signal);
  const { proxyImage: image, release } = beginning;
  const { language } = options;
  const title = `init ${release.tag}`;
  const request = { instance, language, operation: "init", title, image } as const;
  // What is there belongs to whoever has the lock: nobody else may remove it.
  let ours = false;
  try {
    await createInstance(instance);
    const result = await underLock(request, async (operation, view, conclude) => {
      if (view) throw new UpdaterError("instanceExists", { instance: instance.name });
      await refuseData(operation);
      ours = true;
      const run = await createFirst(operation, beginning, signal);
      // Users may be there, or a recovery has to look at it.
      ours = run.outcome.kind === "restored";
      return await conclude({ from: null, to: release.tag, run });
    });
    if (result.outcome.kind === "restored" && isRefusal(result.outcome.error)) {
      throw result.outcome.error;
    }
    return result;
  } catch (error) {
    if (!isError(error, "locked", "instanceExists", "leftovers")) {
      ours ||= await isNobodys(instance).catch(() => false);
    }
    throw error;
  } finally {
    if (ours) await removeInstance(instance);
  }
}

/** Everything that takes no part of an instance: dump and media are looked at, the release, the updater's own images. */
async function prepare(instance: Instance, options: InitOptions, signal: AbortSignal) {
  const { engine, configuration, reporter } = instance;
  const dump = options.fromDump === undefined ? undefined : await recogniseDump(options.fromDump);
  const media = options.media === undefined ? undefined : await findMedia(engine, options.media);
  const tag = options.tag ?? (await newestTag(instance, signal));
  const release = await findRelease(instance, tag, signal);
  const environment = await buildEnvironmentOf(configuration);
  return await reportStep(reporter, "build-own-images", async () => {
    // Side by side: each waits for package indexes most of its time.
    const [proxyImage, databaseImage] = await Promise.all([
      ensureOwnImage(engine, "proxy", environment, reporter),
      ensureOwnImage(engine, "database", environment, reporter),
      // Not needed yet: it is to be there when the first swap needs it.
      updaterImage(engine, environment, reporter),
    ]);
    return { release, dump, media, proxyImage, databaseImage };
  });
}

async function createFirst(
  operation: OperationContext,
  { release, dump, media, proxyImage, databaseImage }: Awaited<ReturnType<typeof prepare>>,
  signal: AbortSignal,
) {
  const { instance, state } = operation;
  const { name, reporter } = instance;
  const to = release.tag;
  const started = { type: "operation-started", operation: "init" } as const;
  reporter.event({ ...started, instance: name, from: null, to });
  const candidate = { number: 1, slot: 1, databaseImage };
  const context: InitContext = {
    ...operation,
    journal: journalOf(operation, { from: undefined, to, target: candidate }),
    release,
    serving: undefined,
    candidate,
    proxyImage,
    dump,
    media,
  };
  // Should this updater die, recovery finds out here whose it was. A state without a journal would be a site.
  await context.journal.begin(openProxy);
  await state.change((empty) => empty);
  return await runSteps(initSteps(context), context, signal);
}

/** Errors that are about what was given, or about room for it. */
const unfitting = [
  "portTaken",
  "dumpRefused",
  "dumpBreaksOff",
  "dumpTooLarge",
  "mediaElsewhere",
  "mediaNotBrought",
  "roomTooSmall",
] as const;

/** What is wrong with what was given, though only trying told: with everything removed, nothing has changed. */
function isRefusal(error: unknown): boolean {
  return isError(error, ...unfitting);
}

/** @throws UpdaterError `locked`, `instanceExists`, `leftovers` */
async function refuseExisting(instance: Instance): Promise<void> {
  const { engine, name } = instance;
  const lock = await findLock(engine, name);
  if (lock && !isAbandoned(lock)) throw lockedBy(name, lock);
  if (await findInstance(engine, name))
    throw new UpdaterError("instanceExists", { instance: name });
  await refuseGenerations(instance);
}

/** @throws UpdaterError `leftovers` where parts of generations are, without a state that knows them */
async function refuseGenerations({ engine, name }: Instance): Promise<void> {
  const labels = { [label.instance]: name };
  const parts = await Promise.all([listContainers(engine, labels), listVolumes(engine, labels)]);
  // A check of settings that was killed before there was a site has left nobody's data.
  const known = parts
    .flat()
    .map(({ labels: own }) => own[label.generation])
    .filter((number) => number !== undefined && Number(number) !== rehearsalNumber);
  if (known.length > 0) throw new UpdaterError("leftovers", { instance: name });
}

/** What an `init` that was killed has left is empty; media and backups may be all that is left of a site. */
async function refuseData({ instance, control }: OperationContext): Promise<void> {
  await refuseGenerations(instance);
  const found = await control.shell.run(
    'find "$@" -mindepth 1 -print -quit',
    paths.media,
    paths.backups,
  );
  if (found !== "") throw new UpdaterError("leftovers", { instance: instance.name });
}

/** Whether nobody makes the instance at this moment, and nobody has made it. */
async function isNobodys(instance: Instance): Promise<boolean> {
  const { engine, name } = instance;
  if ((await findLock(engine, name)) || (await findInstance(engine, name))) return false;
  await refuseGenerations(instance);
  return true;
}

async function createInstance({ engine, name, names }: Instance): Promise<void> {
  await ensureNetwork(engine, names.network, labelsOf(name, "network"));
  await ensureVolume(engine, names.gateVolume, labelsOf(name, "gate"));
  for (const role of ["control", "media", "backups", "seen", "replication"] as const) {
    await ensureVolume(engine, names[role], labelsOf(name, role));
  }
  for (const slot of slots) {
    await ensureVolume(engine, names.slot(slot), labelsOf(name, "slot"));
  }
}
