import type { Journal } from "../instance/journal.ts";
import type { Generation } from "../instance/state.ts";
import type { OperationContext } from "./context.ts";
import type { StepJournal } from "./step.ts";

/** The journal of an operation that begins: should its updater die, it tells recovery how to end it. */
export function journalOf(
  { control, instance, id, operation, startedAt }: Omit<OperationContext, "journal">,
  {
    from,
    to,
    target,
    returnOf,
  }: {
    /** What serves; nothing where there is none yet. */
    readonly from: Pick<Generation, "number" | "tag"> | undefined;
    /** Tag of what is to serve. */
    readonly to: string;
    readonly target: Journal["target"];
    readonly returnOf?: Journal["returnOf"];
  },
): StepJournal {
  const { number, slot } = target;
  const { file, text } = instance.configuration;
  return writeSteps(control, {
    instance: instance.name,
    id,
    operation: operation as Journal["operation"],
    from: from?.tag ?? null,
    to,
    startedAt,
    serving: from?.number ?? null,
    target: { number, slot },
    configuration: { file, text },
    ...(returnOf && { returnOf }),
  });
}

/** The journal that an operation left, for the recovery that ends it. */
export function journalAgain(
  { control }: Pick<OperationContext, "control">,
  { version: _, begun, left: _left, ...operation }: Journal,
): StepJournal {
  return writeSteps(control, operation, begun);
}

/** Writes each step down before it is taken. */
function writeSteps(
  control: Pick<OperationContext["control"], "writeJournal">,
  operation: Omit<Journal, "version" | "begun" | "left">,
  begunBefore: readonly string[] = [],
): StepJournal {
  const begun = new Set(begunBefore);
  const write = async (durable: boolean, left?: Journal["left"]) => {
    const journal = { version: 1 as const, ...operation, begun: [...begun], ...(left && { left }) };
    await control.writeJournal(journal, { durable });
  };
  return {
    async begin({ name, undo, commit }) {
      begun.add(name);
      // What is neither undone nor the commit changes nothing for a recovery after a power cut.
      await write(undo !== undefined || commit !== undefined);
    },
    async withdraw({ name }) {
      begun.delete(name);
      await write(true);
    },
    async leave(steps) {
      await write(true, [...steps]);
    },
  };
}

/** For operations that leave nothing but what their labels tell. */
export const noJournal: StepJournal = {
  begin: () => Promise.resolve(),
  withdraw: () => Promise.resolve(),
  leave: () => Promise.resolve(),
};
