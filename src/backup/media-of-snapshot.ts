import { mediaCopy, mediaCopyUnlessInterrupted } from "../instance/media.ts";
import { backupNumber } from "../instance/names.ts";
import type { OperationContext } from "../runner/context.ts";
import type { SwitchContext } from "../steps/context.ts";
import type { Step } from "../runner/step.ts";

type Serving = Pick<SwitchContext, "control" | "serving">;

/** Looks which of a snapshot's files are gone or not as they were, so that users need not wait for it. */
export const findChangedMedia: Step<
  Pick<OperationContext, "control">,
  Pick<OperationContext, "control">
> = {
  name: "compare-media",

  async apply({ control }, signal) {
    await mediaCopyUnlessInterrupted(control, "compare_content", backupNumber, signal);
  },

  async undo({ control }) {
    await mediaCopy(await control.media(), "forget_comparison", backupNumber);
  },
};

/** Puts them back. Files that came later stay; what is replaced is kept for a rollback. */
export const bringMediaBack: Step<Serving, Serving> = {
  name: "restore-media",
  gate: "closed",

  async apply({ control, serving }) {
    const shell = await control.media();
    await mediaCopy(shell, "remove", serving.number);
    await mediaCopy(shell, "restore", backupNumber, serving.number);
    await mediaCopy(shell, "keep_replaced", backupNumber, serving.number);
  },

  async undo({ control, serving }) {
    const shell = await control.media();
    await mediaCopy(shell, "remove_restored", backupNumber, serving.number);
    await mediaCopy(shell, "remove", serving.number);
  },
};
