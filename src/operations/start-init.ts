import { ensureNetwork } from "../engine/networks.ts";
import { listContainers } from "../engine/containers.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { ensureVolume, listVolumes } from "../engine/volumes.ts";
import { UpdaterError } from "../errors.ts";
import { buildEnvironmentOf } from "../build/build-environment.ts";
import { type Dump, recogniseDump } from "../backup/dump.ts";
import { refuseForeign } from "../instance/name-conflicts.ts";
import type { Instance } from "../instance/instance.ts";
import { slotCount } from "../instance/names.ts";
import { ensureOwnImage, updaterImage } from "../build/own-images.ts";
import { reportStep } from "../instance/events.ts";
import { removeInstance } from "../instance/destroy.ts";
import { emptyState } from "../instance/state.ts";
import { findInstance } from "../instance/read-instance.ts";
import type { Language } from "../text/catalogue.ts";
import type { InitContext } from "../runner/context.ts";
import { initSteps } from "./init.ts";
import { keepJournal } from "../runner/keep-journal.ts";
import { findRelease, openSource } from "../release/release.ts";
import { type OperationResult, withOperation } from "../runner/run.ts";
import { runSteps } from "../runner/step.ts";

export interface InitOptions {
  /** The newest version when absent. */
  readonly tag: string | undefined;
  readonly fromDump: string | undefined;
  readonly language: Language;
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
  const { engine, name, configuration, reporter } = instance;
  await refuseExisting(instance);
  await refuseForeign(instance, 1);
  const dump: Dump | undefined =
    options.fromDump === undefined ? undefined : await recogniseDump(options.fromDump);
  const tag = options.tag ?? (await newestTag(instance, signal));
  const release = await findRelease(instance, tag, signal);
  const environment = await buildEnvironmentOf(configuration);
  const [proxyImage, databaseImage] = await reportStep(reporter, "build-own-images", async () => [
    await ensureOwnImage(engine, "proxy", environment, reporter),
    await ensureOwnImage(engine, "database", environment, reporter),
    // Not needed yet: it is to be there when the first swap needs it.
    await updaterImage(engine, environment, reporter),
  ]);

  let created = false;
  try {
    await createInstance(instance);
    const result = await withOperation(
      {
        instance,
        language: options.language,
        operation: "init",
        title: `init ${tag}`,
        image: proxyImage,
      },
      () => Promise.resolve(emptyState(name, proxyImage)),
      async (operation) => {
        operation.instance.reporter.event({
          type: "operation-started",
          operation: "init",
          instance: name,
          from: null,
          to: tag,
        });
        // Whoever finds this one dead finds out here whose it was.
        await operation.control.writeState(operation.state);
        const context: InitContext = {
          ...operation,
          journal: keepJournal(operation.control, {
            instance: name,
            id: operation.id,
            operation: "init",
            from: null,
            to: tag,
            startedAt: operation.startedAt,
            serving: null,
            target: { number: 1, slot: 1 },
          }),
          release,
          serving: undefined,
          candidate: { number: 1, slot: 1, databaseImage, image: "", pending: [] },
          migrated: { changed: [], added: [] },
          proxyImage,
          dump,
        };
        const run = await runSteps(initSteps(context), context, signal);
        operation.state = context.state;
        return { from: null, to: tag, run };
      },
    );
    created = result.outcome.kind === "done";
    if (result.outcome.kind === "restored" && isRefusal(result.outcome.error)) {
      throw result.outcome.error;
    }
    return result;
  } finally {
    if (!created) await removeInstance(instance);
  }
}

/** What is wrong with what was given, though only trying told: with everything removed, nothing has changed. */
function isRefusal(error: unknown): boolean {
  return error instanceof UpdaterError && ["portTaken", "dumpRefused"].includes(error.code);
}

async function refuseExisting({ engine, name }: Instance): Promise<void> {
  if (await findInstance(engine, name))
    throw new UpdaterError("instanceExists", { instance: name });
  const labels = { [label.instance]: name };
  const [containers, volumes] = await Promise.all([
    listContainers(engine, labels),
    listVolumes(engine, labels),
  ]);
  const parts = containers.filter(({ labels: own }) => own[label.role] !== "operator");
  if (parts.length > 0 || volumes.length > 0) {
    throw new UpdaterError("leftovers", { instance: name });
  }
}

async function newestTag({ configuration }: Instance, signal: AbortSignal): Promise<string> {
  const source = await openSource(configuration, signal);
  const newest = (await source.tags()).at(-1);
  if (!newest) {
    throw new UpdaterError("noVersions", { repository: configuration.source.repository });
  }
  return newest.tag;
}

async function createInstance({ engine, name, names }: Instance): Promise<void> {
  await ensureNetwork(engine, names.network, labelsOf(name, "network"));
  await ensureVolume(engine, names.control, labelsOf(name, "control"));
  await ensureVolume(engine, names.gateVolume, labelsOf(name, "gate"));
  await ensureVolume(engine, names.media, labelsOf(name, "media"));
  await ensureVolume(engine, names.backups, labelsOf(name, "backups"));
  await ensureVolume(engine, names.seen, labelsOf(name, "seen"));
  await ensureVolume(engine, names.replication, labelsOf(name, "replication"));
  for (let slot = 1; slot <= slotCount; slot++) {
    await ensureVolume(engine, names.slot(slot), labelsOf(name, "slot"));
  }
}
