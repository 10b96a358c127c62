import { removeContainers } from "../engine/containers.ts";
import { writeVolume } from "../engine/files.ts";
import { labelsOf } from "../engine/labels.ts";
import { UpdaterError } from "../errors.ts";
import { ApplicationError } from "../instance/application.ts";
import { startApplication } from "../instance/containers.ts";
import { paths } from "../instance/names.ts";
import { emptySlot, prepareSlot } from "../instance/slot.ts";
import type { Generation } from "../instance/state.ts";
import { configurationArchive } from "../instance/settings-overlay.ts";
import type { Step } from "../runner/step.ts";
import { type CandidateContext, candidateParts, type NewReleaseContext } from "./context.ts";
import { copyContainerLog } from "./copy-container-log.ts";

/**
 * Starts the release beside the serving one and pays for everything slow: imports, static files. It
 * sees its own database only, which is still a read-only standby, and does not boot yet: booting
 * changes tables.
 */
export const startCandidate: Step<NewReleaseContext, CandidateContext> = {
  name: "start-candidate",

  async apply(context, signal) {
    const { instance, candidate, control } = context;
    const slot = paths.slot(candidate.slot);
    await prepareSlot(control.shell, slot);
    await writeConfiguration(context);
    await startApplication(instance, candidateParts(context));
    await loadRelease(context, signal);
    await remember(context);
  },

  async undo(context) {
    const { instance, candidate, control } = context;
    const slot = paths.slot(candidate.slot);
    await copyContainerLog(instance, "application", candidate.number);
    await removeApplication(context);
    await emptySlot(control.shell, slot);
    await context.state.change((current) => ({
      ...current,
      generations: current.generations.filter(({ number }) => number !== candidate.number),
    }));
  },
};

/** Settings, local settings and secrets of a candidate. */
export async function writeConfiguration({
  instance,
  candidate,
  release,
}: Pick<NewReleaseContext, "instance" | "candidate" | "release">): Promise<void> {
  const { engine, names, name, configuration } = instance;
  await writeVolume(
    engine,
    {
      image: candidate.databaseImage,
      volume: names.configuration(candidate.number),
      labels: labelsOf(name, "scratch", candidate.number),
    },
    configurationArchive(configuration, candidate.slot, await release.local.archive()),
  );
}

/** Everything that is slow and changes nothing: imports, the plan of migrations, static files. */
export async function loadRelease(
  { candidate, release, sessions }: Pick<CandidateContext, "candidate" | "release" | "sessions">,
  signal: AbortSignal,
): Promise<void> {
  const application = await sessions.application(candidate.number);
  try {
    await application.prepare(signal);
    await application.collectStatic(signal);
  } catch (error) {
    throw releaseError(error, release.tag);
  }
}

/** The pointer will name the candidate's slot: its reader must find the generation then. */
async function remember(context: NewReleaseContext): Promise<void> {
  const { release, serving } = context;
  const { number, image, databaseImage, slot } = candidateParts(context);
  const generation: Generation = {
    number,
    tag: release.tag,
    commit: release.commit,
    localCommit: release.local.commit,
    image,
    databaseImage,
    slot,
    createdAt: new Date().toISOString(),
    previous: serving?.number ?? null,
    abandoned: false,
  };
  await context.state.change((current) => ({
    ...current,
    nextGeneration: Math.max(current.nextGeneration, number + 1),
    generations: [...current.generations, generation],
  }));
}

/** Removes a candidate's application; what its generation holds stays. */
export async function removeApplication({
  instance: { engine, name },
  candidate,
  sessions,
}: Pick<CandidateContext, "instance" | "candidate" | "sessions">): Promise<void> {
  await sessions.closeGeneration(candidate.number);
  await removeContainers(engine, labelsOf(name, "application", candidate.number));
}

/** What a release's own code did wrong, as an error of ours that names the release. */
export function releaseError(error: unknown, tag: string): unknown {
  if (!(error instanceof ApplicationError)) return error;
  const { kind, message } = error.failure;
  return new UpdaterError("releaseFails", { tag, reason: `${kind}: ${message}` }, error);
}
