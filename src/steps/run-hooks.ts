import { execa } from "execa";
import type { HookPoint } from "../config/schema.ts";
import { UpdaterError } from "../errors.ts";
import type { Generation } from "../instance/state.ts";
import type { OperationContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";
import { releaseImage } from "./context.ts";

/** Too late to abort anything: a failure of these is a warning, whatever their policy. */
const afterTheSwitch = new Set<HookPoint>(["instance_launch", "users_inform_after"]);

/** Of which operation a hook is told. */
type HookContext = Pick<OperationContext, "instance" | "operation" | "state" | "outputs"> & {
  readonly release?: { readonly tag: string; readonly local?: { readonly commit: string } };
  readonly candidate?: { readonly number: number };
  readonly previous?: Generation;
  readonly serving?: Generation | undefined;
};

/** What a hook is told: of what serves when the operation begins, and of what is put in its place. */
function told({ serving, previous, release, candidate, state, outputs }: HookContext) {
  const number = (previous ?? candidate)?.number;
  const made = state.current.generations.find((generation) => generation.number === number);
  return {
    UPDATER_FROM: serving?.tag ?? "",
    UPDATER_FROM_GENERATION: String(serving?.number ?? ""),
    UPDATER_FROM_LOCAL: serving?.localCommit ?? "",
    // A return from probation carries both: it leads to the previous one.
    UPDATER_TO: (previous ?? release)?.tag ?? "",
    UPDATER_TO_GENERATION: String(number ?? ""),
    UPDATER_TO_LOCAL: made?.localCommit ?? release?.local?.commit ?? "",
    UPDATER_IMAGE: made?.image ?? outputs.find(releaseImage) ?? "",
  };
}

/** A step that runs the site's own program for one named point of the documented procedure. */
function runHook(point: HookPoint): Step<HookContext> {
  return {
    name: `hook:${point}`,
    // It has perhaps told everybody already.
    once: true,
    async apply(context, signal) {
      const { instance, operation } = context;
      const hook = instance.configuration.hooks[point];
      if (!hook) return;
      const { reporter } = instance;
      // Too late to interrupt anything after the switch; users are still to be told.
      const interruptible = !afterTheSwitch.has(point);
      const program = execa(hook.run, [], {
        all: true,
        reject: false,
        stdin: "ignore",
        timeout: hook.timeLimitMs,
        ...(interruptible && { cancelSignal: signal }),
        killSignal: "SIGKILL",
        killDescendants: true,
        env: {
          UPDATER_POINT: point,
          UPDATER_OPERATION: operation,
          UPDATER_INSTANCE: instance.name,
          ...told(context),
          UPDATER_CONFIGURATION: instance.configuration.file,
          // Ours, for programs of ours.
          NODE_COMPILE_CACHE: undefined,
        },
      });
      for await (const line of program.iterable({ from: "all" })) {
        reporter.event({ type: "output", source: "hook", line });
      }
      const { failed, exitCode, timedOut, ...ended } = await program;
      if (interruptible) signal.throwIfAborted();
      if (!failed) return;
      const error =
        timedOut || exitCode !== undefined
          ? new UpdaterError("hookFailed", {
              point,
              program: hook.run,
              status: timedOut ? null : (exitCode ?? null),
              seconds: hook.timeLimitMs / 1000,
            })
          : new UpdaterError("hookDied", {
              point,
              program: hook.run,
              reason: ended.signal ?? ended.code ?? "?",
            });
      if (hook.onFailure === "abort" && interruptible) throw error;
      reporter.event({ type: "warning", error });
    },
  };
}

/** The hook steps a site configured; the others would only be noise. */
export function configuredHooks(
  { instance }: Pick<OperationContext, "instance">,
  ...points: readonly HookPoint[]
): Step<HookContext>[] {
  return points
    .filter((point) => instance.configuration.hooks[point])
    .map((point) => runHook(point));
}
