import type { Control } from "../instance/instance-lock.ts";
import type { Journal } from "../instance/journal.ts";
import type { StepJournal } from "./step.ts";

/** Writes each step down before it is taken. */
export function keepJournal(
  control: Pick<Control, "writeJournal">,
  operation: Omit<Journal, "version" | "begun">,
  begunBefore: readonly string[] = [],
): StepJournal {
  const begun = new Set(begunBefore);
  return {
    async begin({ name, undo, commit }) {
      begun.add(name);
      // What is neither undone nor the commit changes nothing for whoever reads this after a power cut.
      const durable = undo !== undefined || commit === true;
      await control.writeJournal({ version: 1, ...operation, begun: [...begun] }, { durable });
    },
  };
}

/** For operations that leave nothing but what their labels tell. */
export const noJournal: StepJournal = { begin: () => Promise.resolve() };
