import { isError, messageOf, UpdaterError } from "../errors.ts";
import type { Generation } from "../instance/state.ts";
import { hasMediaCopy, mediaCopy, mediaCopyUnlessInterrupted } from "../instance/media.ts";
import type { NamedFiles } from "../instance/application-answers.ts";
import { ApplicationError } from "../instance/application.ts";
import type { OperationContext } from "../runner/context.ts";
import { output } from "../runner/outputs.ts";
import type { Step } from "../runner/step.ts";
import type { SwitchContext } from "./context.ts";

/** Files that rows of the version returned to name; not set where it was not possible to look. */
export const namedFiles = output<NamedFiles>("files that rows name");

type Serving = Pick<SwitchContext, "control" | "serving">;

/** Steps of a return to a generation that was kept. */
type Previous = Pick<OperationContext, "control"> & { readonly previous: Generation };

/** Keeps the media as the version left knows them; a release may move, convert or delete some. */
export const snapshotMedia: Step<Serving, Serving> = {
  name: "snapshot-media",

  async apply({ control, serving }, signal) {
    try {
      await mediaCopyUnlessInterrupted(control, "take", serving.number, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new UpdaterError("mediaNotCopied", { reason: messageOf(error) }, error);
    }
  },

  async undo({ control, serving }) {
    await mediaCopy(await control.media(), "remove", serving.number);
  },
};

/** Adds what users sent while the gate closed. */
export const completeMedia: Step<Serving> = {
  name: "complete-media",
  gate: "closed",

  async apply({ control, serving }) {
    await mediaCopy(await control.media(), "add_new", serving.number);
  },
};

/** Looks for media that the version returned to would miss, so that users need not wait for it. */
export const findLostMedia: Step<Previous, Previous> = {
  name: "compare-media",

  async apply({ control, previous }, signal) {
    if (!(await hasMediaCopy(control.shell, previous.number))) return;
    await mediaCopyUnlessInterrupted(control, "compare", previous.number, signal);
  },

  async undo({ control, previous }) {
    await mediaCopy(await control.media(), "forget_comparison", previous.number);
  },
};

export const restoreLostMedia: Step<Previous & Serving, Previous & Serving> = {
  name: "restore-media",
  gate: "closed",

  async apply({ control, previous, serving }) {
    if (!(await hasMediaCopy(control.shell, previous.number))) return;
    await mediaCopy(await control.media(), "restore", previous.number, serving.number);
  },

  async undo({ control, previous, serving }) {
    await mediaCopy(await control.media(), "remove_restored", previous.number, serving.number);
  },
};

/** Looks whether every file that rows name is there. Nothing is undone if one is not: it may be missing for years. */
export const checkFiles: Step<
  Pick<OperationContext, "instance" | "sessions" | "outputs"> & Pick<Previous, "previous">
> = {
  name: "check-files",
  watches: true,

  async apply({ sessions, previous, instance, outputs }, signal) {
    const application = await sessions.application(previous.number);
    try {
      outputs.set(namedFiles, await application.files(signal));
    } catch (error) {
      const unknown = error instanceof ApplicationError || isError(error, "applicationSilent");
      if (!unknown && !signal.aborted) throw error;
      instance.reporter.event({ type: "note", note: "files-not-checked" });
    }
  },
};
