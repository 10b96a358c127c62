import { randomUUID } from "node:crypto";
import { exit, type ExitCode, UpdaterError } from "../errors.ts";
import { withInstanceLock } from "../instance/instance-lock.ts";
import type { Instance } from "../instance/instance.ts";
import { findInstance, type InstanceView, readInstance } from "../instance/read-instance.ts";
import { startingGeneration } from "../instance/serving.ts";
import { keepFolder, knownFolder, refuseOtherFolder } from "../instance/site-folder.ts";
import { StateStore } from "../instance/state-store.ts";
import {
  emptyState,
  type BareMetal,
  type Generation,
  type OperationName,
  type OperationRecord,
} from "../instance/state.ts";
import type { Language } from "../text/catalogue.ts";
import type { OperationContext } from "./context.ts";
import { Hold } from "./hold.ts";
import { noJournal } from "./step-journal.ts";
import { asUpdaterError } from "./known-error.ts";
import { recordLog } from "./log.ts";
import { Outputs } from "./outputs.ts";
import { Sessions } from "./sessions.ts";
import type { Outcome, StepRun } from "./step.ts";

/** How long finished operations stay in the history. */
const historyLength = 200;

/** How an operation ended, for people and for `--json`. */
export interface OperationResult {
  readonly operation: OperationName;
  readonly instance: string;
  readonly from: string | null;
  readonly to: string;
  readonly outcome: Outcome;
  /** Milliseconds users waited; null when the gate never closed. */
  readonly hold: number | null;
  /** Milliseconds each step took. */
  readonly steps: Readonly<Record<string, number>>;
  /** It was taken up again where it had switched long before: these steps were all that was left. */
  readonly tidied?: true;
  /** Where undoing failed: the version that users reach now; null when they wait at the gate, or that is unknown. */
  readonly servingNow?: string | null;
}

export interface OperationRequest {
  readonly instance: Instance;
  readonly language: Language;
  readonly operation: OperationName;
  /** As the lock shows it to the operator who is refused: "swap 0.8.1". */
  readonly title: string;
  /** It is about a site that still runs as it was installed by hand. */
  readonly ofBareMetal?: true;
}

/** Of an operation that is begun at once, or taken up again. */
interface LockRequest extends OperationRequest {
  /** Of the container that is the lock. */
  readonly image: string;
  readonly id?: string;
  readonly startedAt?: string;
}

/** An operation that has the lock of an instance that serves. */
export interface BegunOperation extends OperationContext {
  /** As read under the lock: only that counts. */
  readonly view: InstanceView;
  readonly serving: Generation;
  /**
   * Tells that everything was looked at, and that it now leads from what serves to this tag.
   * @param machine what was installed by hand, where it is that which moves in, or which users go back to
   */
  announce(to: string, machine?: Pick<BareMetal, "sources">): void;
}

/** What an operation did, from one tag to another. */
export interface OperationRun {
  readonly from: string | null;
  readonly to: string;
  readonly run: StepRun;
}

type Conclude = (run: OperationRun) => Promise<OperationResult>;

/**
 * Runs an operation on an instance that serves, and writes down how it ended. What is thrown before `runSteps` is a
 * refusal: it leaves no trace but the lock's.
 * @throws UpdaterError `noInstance`, `locked`, `unfinished`, `gateIsClosed`
 */
export async function runOperation(
  request: OperationRequest,
  work: (begun: BegunOperation) => Promise<Omit<OperationRun, "from">>,
): Promise<{ readonly result: OperationResult; readonly outputs: Outputs }> {
  return await beginOperation(request, async (begun, conclude) => {
    const run = await work(begun);
    const result = await conclude({ from: begun.serving.tag, ...run });
    return { result, outputs: begun.outputs };
  });
}

/** As `runOperation`, for what concludes by itself, or leaves nothing in the history. */
export async function beginOperation<Result>(
  request: OperationRequest,
  work: (begun: BegunOperation, conclude: Conclude) => Promise<Result>,
): Promise<Result> {
  const { engine, name } = request.instance;
  const { state } = await readInstance(engine, name);
  const lock = { ...request, image: state.proxyImage };
  return await underLock(lock, async (context, view, conclude) => {
    if (!view) throw new UpdaterError("noInstance", { instance: name });
    const serving = startingGeneration(view, request);
    const { operation, instance } = context;
    const from = serving.tag;
    const announce: BegunOperation["announce"] = (to, machine) =>
      instance.reporter.event({
        type: "operation-started",
        operation,
        instance: name,
        from,
        to,
        ...(machine && { machine: machine.sources }),
      });
    return await work({ ...context, view, serving, announce }, conclude);
  });
}

/**
 * Holds the lock of an instance while `work` is done; `conclude` writes down how that ended.
 * @param work is given what is read under the lock: only that counts; nothing while the instance is made
 * @throws UpdaterError `locked`, `otherFolder`
 */
export async function underLock<Result>(
  request: LockRequest,
  work: (
    context: OperationContext,
    view: InstanceView | undefined,
    conclude: Conclude,
  ) => Promise<Result>,
): Promise<Result> {
  const { instance, language, operation } = request;
  const lock = { instance: instance.name, image: request.image, operation: request.title };
  return await withInstanceLock(instance.engine, lock, async (control) => {
    const log = recordLog(instance.reporter);
    const { reporter } = log;
    const sessions = new Sessions({ ...instance, reporter });
    try {
      const view = await findInstance(instance.engine, instance.name);
      if (view) refuseOtherFolder(instance, await knownFolder(control));
      const context: OperationContext = {
        id: request.id ?? randomUUID(),
        operation,
        instance: { ...instance, reporter },
        language,
        control,
        sessions,
        hold: new Hold(instance.configuration.hold.maxMs, reporter, log.awaited),
        journal: noJournal,
        cutOff: async () => {
          await Promise.all([sessions.cutOff(), control.endMediaShell()]);
        },
        outputs: new Outputs(),
        startedAt: request.startedAt ?? new Date().toISOString(),
        state: new StateStore(control, view?.state ?? emptyState(instance.name, request.image)),
      };
      return await work(context, view, async (run) => await conclude(context, run, log.text()));
    } finally {
      await sessions.close();
    }
  });
}

async function conclude(
  context: OperationContext,
  { from, to, run: { outcome, durationsMs: durations } }: OperationRun,
  log: string,
): Promise<OperationResult> {
  context.hold.stop();
  const result: OperationResult = {
    operation: context.operation,
    instance: context.instance.name,
    from,
    to,
    outcome,
    hold: context.hold.durationMs,
    steps: durations,
    ...(outcome.kind === "needs-human" && { servingNow: await servingNow(context) }),
  };
  // One that makes an instance, and was undone, leaves none to remember it.
  const makes = context.operation === "init" || context.operation === "adopt";
  if (makes && outcome.kind !== "done") return result;
  await remember(context, result, log);
  const unfinished = outcome.kind !== "done" && outcome.unfinished;
  if (!unfinished) await context.control.clearJournal(context.id);
  return result;
}

/** Whoever takes an operation up again has not seen its gate close: only the pointer tells. */
async function servingNow({
  instance: { engine, name },
}: OperationContext): Promise<string | null> {
  const view = await findInstance(engine, name).catch(() => undefined);
  return view && !view.gateClosed ? (view.serving?.tag ?? null) : null;
}

async function remember(
  { id, instance, control, state, startedAt }: OperationContext,
  result: OperationResult,
  log: string,
): Promise<void> {
  const { instance: _name, servingNow: _now, outcome, steps, ...facts } = result;
  const before = state.current.history.find((one) => one.id === id);
  const record: OperationRecord = {
    id,
    ...facts,
    // Users may have waited before it was taken up again.
    hold: facts.hold ?? before?.hold ?? null,
    startedAt,
    finishedAt: new Date().toISOString(),
    outcome: outcome.kind,
    error: outcome.kind === "done" ? null : asUpdaterError(outcome.error).code,
    steps: { ...steps },
  };
  await control.writeLog(id, log);
  await keepFolder(instance, control);
  await state.change((current) => ({
    ...current,
    history: [...current.history.filter((one) => one.id !== id), record].slice(-historyLength),
  }));
}

/** What the process exits with after an operation. */
export const exitCodes: Readonly<Record<OperationRecord["outcome"], ExitCode>> = {
  done: exit.done,
  refused: exit.refused,
  restored: exit.restored,
  "needs-human": exit.needsHuman,
  "clean-up-pending": exit.cleanUpPending,
};
