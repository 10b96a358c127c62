import { randomUUID } from "node:crypto";
import { exit, type ExitCode, UpdaterError } from "../errors.ts";
import { takeControl } from "../instance/control.ts";
import type { Instance } from "../instance/instance.ts";
import type { OperationRecord, State } from "../instance/state.ts";
import type { Language } from "../text/catalogue.ts";
import type { OperationContext } from "./context.ts";
import { Hold } from "./hold.ts";
import { recordLog } from "./operation-log.ts";
import { Sessions } from "./sessions.ts";
import type { Outcome, StepRun } from "./step.ts";

/** How long finished operations stay in the history. */
const historyLength = 200;

/** How an operation ended, for people and for `--json`. */
export interface OperationResult {
  readonly operation: OperationContext["operation"];
  readonly instance: string;
  readonly from: string | null;
  readonly to: string;
  readonly outcome: Outcome;
  /** Milliseconds users waited; null when the gate never closed. */
  readonly hold: number | null;
  /** Milliseconds each step took. */
  readonly steps: Readonly<Record<string, number>>;
}

/** What is needed to begin: who asked for what. */
export interface Request {
  readonly instance: Instance;
  readonly language: Language;
  readonly operation: OperationContext["operation"];
  /** As the lock shows it to whoever is refused: "swap 0.8.1". */
  readonly title: string;
  readonly image: string;
}

/** What a refused operation throws before it has changed anything leaves no trace but the lock's. */
export async function withOperation(
  request: Request,
  readState: () => Promise<State>,
  run: (context: OperationContext) => Promise<{ from: string | null; to: string; run: StepRun }>,
): Promise<OperationResult> {
  const { instance, language, operation } = request;
  const control = await takeControl(instance.engine, {
    instance: instance.name,
    image: request.image,
    operation: request.title,
  });
  const log = recordLog(instance.reporter);
  const sessions = new Sessions({ ...instance, reporter: log.reporter });
  try {
    const context: OperationContext = {
      id: randomUUID(),
      operation,
      instance: { ...instance, reporter: log.reporter },
      language,
      control,
      sessions,
      hold: new Hold(instance.configuration.hold.max, log.reporter),
      state: await readState(),
    };
    const startedAt = new Date().toISOString();
    const { from, to, run: ran } = await run(context);
    context.hold.stop();
    const result: OperationResult = {
      operation,
      instance: instance.name,
      from,
      to,
      outcome: ran.outcome,
      hold: context.hold.duration,
      steps: ran.durations,
    };
    // An `init` that was undone leaves no instance to remember it.
    if (operation !== "init" || ran.outcome.kind === "done") {
      await remember(context, result, startedAt, log.text());
    }
    return result;
  } finally {
    await sessions.close();
    await control.release();
  }
}

async function remember(
  { id, control, state }: OperationContext,
  result: OperationResult,
  startedAt: string,
  log: string,
): Promise<void> {
  const record: OperationRecord = {
    id,
    operation: result.operation,
    from: result.from,
    to: result.to,
    startedAt,
    finishedAt: new Date().toISOString(),
    outcome: result.outcome.kind,
    error: errorCodeOf(result.outcome),
    hold: result.hold,
    steps: { ...result.steps },
  };
  await control.writeLog(id, log);
  await control.writeState({
    ...state,
    history: [...state.history, record].slice(-historyLength),
  });
}

function errorCodeOf(outcome: Outcome): string | null {
  if (outcome.kind === "done") return null;
  return outcome.error instanceof UpdaterError ? outcome.error.code : "internal";
}

/** What the process exits with after an operation. */
export function exitCodeOf(outcome: Outcome): ExitCode {
  return exitCodes[outcome.kind];
}

const exitCodes: Record<Outcome["kind"], ExitCode> = {
  done: exit.done,
  restored: exit.restored,
  "needs-human": exit.needsHuman,
  "clean-up-pending": exit.cleanUpPending,
};
