import { abortable } from "../lib/abortable.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import {
  compareMedia,
  completeMediaCopy,
  copyMedia,
  forgetComparison,
  hasMediaCopy,
  removeMediaCopy,
  removeRestoredMedia,
  restoreMedia,
} from "../instance/media.ts";
import { ApplicationError } from "../instance/application.ts";
import type { RollbackContext, SwapContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";

/** Keeps the media as the version left knows them; a release may move, convert or delete some. */
export const snapshotMedia: Step<SwapContext> = {
  name: "snapshot-media",

  async apply({ control, serving }, signal) {
    const shell = await control.media();
    try {
      await abortable(signal, copyMedia(shell, serving.number));
    } catch (error) {
      signal.throwIfAborted();
      throw new UpdaterError("mediaNotCopied", { reason: messageOf(error) }, error);
    }
  },

  async undo({ control, serving }) {
    await removeMediaCopy(await control.media(), serving.number);
  },
};

/** Adds what users sent while the gate closed. */
export const completeMedia: Step<SwapContext> = {
  name: "complete-media",
  gate: "closed",

  async apply({ control, serving }) {
    await completeMediaCopy(await control.media(), serving.number);
  },
};

/** Looks for media that the version returned to would miss, so that users need not wait for it. */
export const findLostMedia: Step<RollbackContext> = {
  name: "compare-media",

  async apply({ control, previous }, signal) {
    if (!(await hasMediaCopy(control.shell, previous.number))) return;
    await abortable(signal, compareMedia(await control.media(), previous.number));
  },

  async undo({ control, previous }) {
    await forgetComparison(await control.media(), previous.number);
  },
};

export const restoreLostMedia: Step<RollbackContext> = {
  name: "restore-media",
  gate: "closed",

  async apply({ control, previous, serving }) {
    if (!(await hasMediaCopy(control.shell, previous.number))) return;
    await restoreMedia(await control.media(), previous.number, serving.number);
  },

  async undo({ control, previous, serving }) {
    await removeRestoredMedia(await control.media(), previous.number, serving.number);
  },
};

/** Files of half a hospital may lie on a slow disk, milliseconds. */
const checkLimit = 10 * 60_000;

/** Looks whether every file that rows name is there. Nothing is undone if one is not: it may be missing for years. */
export const checkFiles: Step<RollbackContext> = {
  name: "check-files",

  async apply(context, signal) {
    const { sessions, previous, instance } = context;
    const application = await sessions.application(previous.number);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(checkLimit)]);
    try {
      context.files = await application.files(limit);
    } catch (error) {
      if (!(error instanceof ApplicationError)) throw error;
      instance.reporter.event({ type: "note", note: "files-not-checked" });
    }
  },
};
