import { execa } from "execa";
import type { HookPoint } from "../config/schema.ts";
import { UpdaterError } from "../errors.ts";
import type { OperationContext } from "../operations/context.ts";
import type { Step } from "../operations/step.ts";

/** Too late to abort anything: a failure of these is a warning, whatever their policy. */
const afterTheSwitch = new Set<HookPoint>(["instance_launch", "users_inform_after"]);

/** What a hook is told about the operation, besides its own environment. */
interface HookContext extends OperationContext {
  readonly release?: { readonly tag: string };
  readonly previous?: { readonly tag: string };
  readonly serving?: { readonly tag: string } | undefined;
}

/** A step that runs the site's own program for one named point of the documented procedure. */
function runHook(point: HookPoint): Step<HookContext> {
  return {
    name: `hook:${point}`,
    async apply({ instance, operation, release, previous, serving }, signal) {
      const hook = instance.configuration.hooks[point];
      if (!hook) return;
      const { reporter } = instance;
      const program = execa(hook.run, [], {
        all: true,
        reject: false,
        stdin: "ignore",
        timeout: hook.timeLimit,
        cancelSignal: signal,
        env: {
          UPDATER_POINT: point,
          UPDATER_OPERATION: operation,
          UPDATER_INSTANCE: instance.name,
          UPDATER_FROM: serving?.tag ?? "",
          // A return from probation carries both: it leads to the previous one.
          UPDATER_TO: (previous ?? release)?.tag ?? "",
          UPDATER_CONFIGURATION: instance.configuration.file,
        },
      });
      for await (const line of program.iterable({ from: "all" })) {
        reporter.event({ type: "output", source: "hook", line });
      }
      const { failed, timedOut, exitCode } = await program;
      signal.throwIfAborted();
      if (!failed) return;
      const error = new UpdaterError("hookFailed", {
        point,
        program: hook.run,
        status: timedOut ? null : (exitCode ?? null),
        seconds: hook.timeLimit / 1000,
      });
      if (hook.onFailure === "abort" && !afterTheSwitch.has(point)) throw error;
      reporter.event({ type: "warning", error });
    },
  };
}

/** The hook steps a site configured; the others would only be noise. */
export function configuredHooks<Context extends HookContext>(
  context: Context,
  ...points: readonly HookPoint[]
): Step<Context>[] {
  return points
    .filter((point) => context.instance.configuration.hooks[point])
    .map((point) => runHook(point));
}
