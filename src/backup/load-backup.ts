import { removeParts } from "../instance/prune.ts";
import type { Step } from "../runner/step.ts";
import type { CandidateContext, CopyContext } from "../steps/context.ts";
import { clearBackup } from "./back-up.ts";
import type { Dump } from "./dump.ts";
import { startEmptyDatabase } from "../steps/init-instance.ts";
import { copyContainerLog } from "../steps/copy-container-log.ts";
import { restoreForeign, restoreInto } from "./restore-dump.ts";

/** A database for the candidate, with what a dump holds; BiomAid's own backup goes in once it is migrated. */
export const loadBackup: Step<
  Pick<CopyContext, "instance" | "candidate" | "sessions" | "room"> & { readonly dump: Dump },
  Pick<CandidateContext, "instance" | "candidate" | "sessions" | "control">
> = {
  name: "load-backup",

  async apply({ instance, candidate, sessions, room, dump }, signal) {
    await room.disk();
    await room.memory();
    await startEmptyDatabase({ instance, sessions }, candidate, signal);
    if (dump.kind === "fixture") return;
    const restore = dump.ours ? restoreInto : restoreForeign;
    await restore(instance, candidate.number, dump, signal);
  },

  async undo(context) {
    const { instance, candidate, sessions } = context;
    await sessions.closeGeneration(candidate.number);
    await copyContainerLog(instance, "database", candidate.number);
    await removeParts(instance, candidate.number);
    await clearBackup(context);
  },
};
