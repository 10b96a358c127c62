import type { Dump } from "../backup/dump.ts";
import { recogniseDump } from "../backup/dump.ts";
import { loadFixture, restoreDatabase } from "../backup/restore-dump.ts";
import type { Instance } from "../instance/instance.ts";
import { refuseNameConflicts } from "../instance/name-conflicts.ts";
import { findRelease, newestTag } from "../release/release.ts";
import type { OperationContext } from "../runner/context.ts";
import type { OperationResult } from "../runner/run.ts";
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
import { makeInstance, ownImages, refuseExisting } from "./make-instance.ts";

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
  return await makeInstance(request, release.tag, async (operation) =>
    createFirst(operation, beginning, signal),
  );
}

/** Everything that takes no part of an instance: dump and media are looked at, the release, the updater's own images. */
async function prepare(instance: Instance, options: InitOptions, signal: AbortSignal) {
  const { engine } = instance;
  const dump = options.fromDump === undefined ? undefined : await recogniseDump(options.fromDump);
  const media = options.media === undefined ? undefined : await findMedia(engine, options.media);
  const tag = options.tag ?? (await newestTag(instance, signal));
  const release = await findRelease(instance, tag, signal);
  return { release, dump, media, ...(await ownImages(instance)) };
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
