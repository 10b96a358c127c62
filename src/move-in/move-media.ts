import type { BareMetal, Generation } from "../instance/state.ts";
import type { OperationContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";
import { copyFiles, endCopying } from "../steps/bring-media.ts";

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
  const copy = { image: state.current.proxyImage, machine: bareMetal.media, ...how };
  await copyFiles(instance, copy, signal);
}

/** Files that users have sent come along. */
export const copyMedia: Step<Copying & { readonly serving: Machine }, Copying> = {
  name: "bring-media",

  async apply(context, signal) {
    await copyOver(context, context.serving, { into: "volume", pass: "first" }, signal);
  },

  // What was copied stays: nobody is shown a file that no row names, and the next time it is there already.
  undo: endCopying,
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
