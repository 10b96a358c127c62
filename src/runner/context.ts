import type { Control } from "../instance/instance-lock.ts";
import type { Instance } from "../instance/instance.ts";
import type { StateStore } from "../instance/state-store.ts";
import type { Generation, OperationName } from "../instance/state.ts";
import type { Language } from "../text/catalogue.ts";
import type { Hold } from "./hold.ts";
import type { Outputs } from "./outputs.ts";
import type { Sessions } from "./sessions.ts";
import type { StepContext, StepJournal } from "./step.ts";

/** What all steps of all operations share. */
export interface OperationContext {
  /** In the history, and the name of its log. */
  readonly id: string;
  readonly operation: OperationName;
  readonly instance: Instance;
  readonly language: Language;
  readonly control: Control;
  readonly state: StateStore;
  readonly sessions: Sessions;
  readonly hold: Hold;
  readonly journal: StepJournal;
  readonly cutOff: StepContext["cutOff"];
  readonly outputs: Outputs;
  /** When it began, ISO 8601. */
  readonly startedAt: string;
}

/** From which version to which an operation leads; this decides which steps it has. */
export interface VersionChange {
  readonly instance: Instance;
  readonly release: { readonly tag: string };
  readonly serving: Pick<Generation, "tag" | "bareMetal">;
}
