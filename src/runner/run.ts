import { randomUUID } from "node:crypto";
import { exit, type ExitCode } from "../errors.ts";
import { takeControl } from "../instance/instance-lock.ts";
import type { Instance } from "../instance/instance.ts";
import type { OperationRecord, State } from "../instance/state.ts";
import type { Language } from "../text/catalogue.ts";
import type { OperationContext } from "./context.ts";
import { Hold } from "./hold.ts";
import { asUpdaterError } from "./known-error.ts";
import { recordLog } from "./log.ts";
import { Sessions } from "./sessions.ts";
import { noJournal } from "./keep-journal.ts";
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
  /** Of an operation that is taken up again. */
  readonly id?: string;
  readonly startedAt?: string;
}

/** What a refused operation throws before it has changed anything leaves no trace but the lock's. */
export async function withOperation(
  request: Request,
  readState: () => Promise<State>,
  run: (context: OperationContext) => Promise<Ran>,
): Promise<OperationResult> {
  return await underLock(request, readState, async (context, conclude) => {
    return await conclude(await run(context));
  });
}

/** What an operation did, from one tag to another. */
export interface Ran {
  readonly from: string | null;
  readonly to: string;
  readonly run: StepRun;
}

/**
 * Holds the lock of an instance while `work` is done; `conclude` writes down how that ended.
 * @throws UpdaterError `locked`
 */
export async function underLock<Result>(
  request: Request,
  readState: () => Promise<State>,
  work: (
    context: OperationContext,
    conclude: (ran: Ran) => Promise<OperationResult>,
  ) => Promise<Result>,
): Promise<Result> {
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
      id: request.id ?? randomUUID(),
      operation,
      instance: { ...instance, reporter: log.reporter },
      language,
      control,
      sessions,
      hold: new Hold(instance.configuration.hold.max, log.reporter),
      journal: noJournal,
      startedAt: request.startedAt ?? new Date().toISOString(),
      state: await readState(),
    };
    return await work(context, async (ran) => await conclude(context, ran, log.text()));
  } finally {
    await sessions.close();
    await control.release();
  }
}

async function conclude(
  context: OperationContext,
  { from, to, run: { outcome, durations } }: Ran,
  log: string,
): Promise<OperationResult> {
  context.hold.stop();
  const result: OperationResult = {
    operation: context.operation,
    instance: context.instance.name,
    from,
    to,
    outcome,
    hold: context.hold.duration,
    steps: durations,
  };
  // An `init` that was undone leaves no instance to remember it.
  if (context.operation === "init" && outcome.kind !== "done") return result;
  await remember(context, result, log);
  if (!(outcome.kind === "needs-human" && outcome.halfUndone)) await context.control.clearJournal();
  return result;
}

async function remember(
  { id, control, state, startedAt }: OperationContext,
  result: OperationResult,
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
    history: [...state.history.filter((one) => one.id !== id), record].slice(-historyLength),
  });
}

function errorCodeOf(outcome: Outcome): string | null {
  if (outcome.kind === "done") return null;
  return asUpdaterError(outcome.error).code;
}

/** What the process exits with after an operation. */
export function exitCodeOf(outcome: OperationRecord["outcome"]): ExitCode {
  return exitCodes[outcome];
}

const exitCodes: Record<OperationRecord["outcome"], ExitCode> = {
  done: exit.done,
  refused: exit.refused,
  restored: exit.restored,
  "needs-human": exit.needsHuman,
  "clean-up-pending": exit.cleanUpPending,
};
