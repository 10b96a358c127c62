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
import { paths, rehearsalNumber } from "../instance/names.ts";
import { findInstance } from "../instance/read-instance.ts";
import { slots } from "../instance/slot.ts";
import type { OperationContext } from "../runner/context.ts";
import { type OperationRequest, type OperationResult, underLock } from "../runner/run.ts";
import type { StepRun } from "../runner/step.ts";

/**
 * Makes an instance where there is none, and removes it again where its first generation does not come to serve.
 * @param request.image of the container that is its lock
 * @param to tag of its first generation
 * @throws UpdaterError `locked`, `instanceExists`, `leftovers`, or what is wrong with what was given
 */
export async function makeInstance(
  request: OperationRequest & { readonly image: string },
  to: string,
  createFirst: (operation: OperationContext) => Promise<StepRun>,
): Promise<OperationResult> {
  const { instance } = request;
  // What is there belongs to whoever has the lock: nobody else may remove it.
  let ours = false;
  try {
    await createInstance(instance);
    const result = await underLock(request, async (operation, view, conclude) => {
      if (view) throw new UpdaterError("instanceExists", { instance: instance.name });
      await refuseData(operation);
      ours = true;
      const run = await createFirst(operation);
      // Users may be there, or a recovery has to look at it.
      ours = run.outcome.kind === "restored";
      return await conclude({ from: null, to, run });
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

/** What an instance is made with, and what the first swap will need. */
export async function ownImages({ engine, configuration, reporter }: Instance) {
  const environment = await buildEnvironmentOf(configuration);
  return await reportStep(reporter, "build-own-images", async () => {
    // Side by side: each waits for package indexes most of its time.
    const [proxyImage, databaseImage] = await Promise.all([
      ensureOwnImage(engine, "proxy", environment, reporter),
      ensureOwnImage(engine, "database", environment, reporter),
      updaterImage(engine, environment, reporter),
    ]);
    return { proxyImage, databaseImage };
  });
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
export async function refuseExisting(instance: Instance): Promise<void> {
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
