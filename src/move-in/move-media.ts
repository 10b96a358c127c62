import { UpdaterError } from "../errors.ts";
import { paths } from "../instance/names.ts";
import type { BareMetal, Generation } from "../instance/state.ts";
import type { OperationContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";
import { copyFiles, endCopying, lookOver } from "../steps/bring-media.ts";

type Copying = Pick<OperationContext, "instance" | "state">;
type Machine = Pick<Generation, "bareMetal">;

/**
 * Between the media of a machine and those of the site, each time only what is not there yet; nothing is removed. A first time
 * beside users, and once more when they wait.
 */
async function copyOver(
  { instance, state }: Copying,
  { bareMetal }: { readonly bareMetal?: BareMetal | undefined },
  how: { readonly into: "volume" | "machine"; readonly pass: "first" | "held" },
  signal: AbortSignal,
): Promise<void> {
  if (!bareMetal?.media) return;
  const { folder } = bareMetal.media;
  const copy = { image: state.current.proxyImage, machine: bareMetal.media, ...how };
  const links = await copyFiles(instance, copy, signal);
  if (links === 0 || how.into === "machine") return;
  instance.reporter.event({
    type: "warning",
    error: new UpdaterError("mediaLinks", { folder, links }),
  });
}

/** Looks through media as the pass does for which users wait, and copies nothing. */
export async function lookThroughMedia(
  { instance, state }: Copying,
  { bareMetal }: { readonly bareMetal?: BareMetal | undefined },
  signal: AbortSignal,
): Promise<void> {
  if (!bareMetal?.media) return;
  const copy = { image: state.current.proxyImage, machine: bareMetal.media } as const;
  await lookOver(instance, { ...copy, into: "volume", pass: "held" }, signal);
}

/**
 * While the machine serves its own, copies of them would be shown where it has deleted or replaced some. Where it has no folder
 * for them, what users have sent is here alone, and stays.
 */
export const clearMedia: Step<Pick<OperationContext, "control"> & { readonly previous: Machine }> =
  {
    name: "clear-media",

    async apply({ control, previous }) {
      if (previous.bareMetal?.media) await removeCopies(control);
    },
  };

async function removeCopies(control: OperationContext["control"]): Promise<void> {
  const shell = await control.media();
  // What an updater keeps beside them is of its generations.
  const remove = 'find "$1" -mindepth 1 -maxdepth 1 ! -name .updater -exec rm -rf {} +';
  await shell.run(remove, paths.media);
}

/** Files that users have sent come along. */
export const copyMedia: Step<
  Copying & { readonly serving: Machine },
  Copying & Pick<OperationContext, "control">
> = {
  name: "bring-media",

  async apply(context, signal) {
    await copyOver(context, context.serving, { into: "volume", pass: "first" }, signal);
  },

  async undo(context) {
    await endCopying(context);
    await removeCopies(context.control);
  },
};

export const completeCopiedMedia: Step<Copying & { readonly serving: Machine }, Copying> = {
  name: "complete-media",
  gate: "closed",

  async apply(context, signal) {
    await copyOver(context, context.serving, { into: "volume", pass: "held" }, signal);
  },

  undo: endCopying,
};

/** Files that users have sent since go back to the machine. */
export const returnMedia: Step<Copying & { readonly previous: Machine }, Copying> = {
  name: "return-media",

  async apply(context, signal) {
    await copyOver(context, context.previous, { into: "machine", pass: "first" }, signal);
  },

  undo: endCopying,
};

export const completeReturnedMedia: Step<Copying & { readonly previous: Machine }, Copying> = {
  name: "restore-media",
  gate: "closed",

  async apply(context, signal) {
    await copyOver(context, context.previous, { into: "machine", pass: "held" }, signal);
  },

  undo: endCopying,
};
