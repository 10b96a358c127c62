import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { listContainers, removeContainer } from "../engine/containers.ts";
import { labelsOf } from "../engine/labels.ts";
import { UpdaterError } from "../errors.ts";
import { buildEnvironmentOf } from "../build/build-environment.ts";
import { startGates } from "../instance/gates.ts";
import type { Instance } from "../instance/instance.ts";
import { placeFile } from "../instance/instance-lock.ts";
import { paths } from "../instance/names.ts";
import { stopTelling } from "../instance/stop-container.ts";
import { updaterImage } from "../build/own-images.ts";
import { until } from "../lib/until.ts";
import { mostHeld, waitingRequests } from "../proxy/queue.ts";
import type { OperationContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";
import type { StepName } from "../text/catalogue.ts";

/** What a gate may take to listen. */
const startLimitMs = 30_000;
/** Between two looks at what the gates still hold. */
const lookMs = 500;
/** More than a gate lets its queue stand still, besides `hold.max`. */
const stillMs = 90_000;
/** Less than undoing a step may take. Whoever waits then gets the maintenance page. */
const undoQueueMs = 4 * 60_000;

const sockets = ["app.sock", "app2.sock"].map((socket) => `${paths.gate}/${socket}`);

/** Starts the programs that will hold requests, while no request is sent to them yet. */
export const prepareGates: Step<
  Pick<OperationContext, "instance" | "control" | "language"> & {
    /** What a rehearsal says users will wait; undefined where none says it. */
    readonly expectedHoldMs: number | undefined;
  },
  Pick<OperationContext, "instance" | "control">
> = {
  name: "start-gates",

  async apply({ instance, control, language, expectedHoldMs }, signal) {
    const { engine, configuration, reporter } = instance;
    const environment = await buildEnvironmentOf(configuration);
    const image = await updaterImage(engine, environment, reporter);
    // A socket that a killed gate left would look like one that listens.
    await removeGates({ instance });
    await removeSockets(control);
    const { maintenancePage } = configuration.messages;
    if (maintenancePage !== undefined) {
      const page = await readFile(maintenancePage, "utf8");
      await placeFile(control.shell, paths.gate, "maintenance.html", page, { durable: false });
    }
    await startGates(instance, {
      image,
      language,
      mostHeld: await mostHeld(engine, instance.names.proxy),
      expectedMs: expectedHoldMs,
    });
    const look = 'if [ -S "$1" ] && [ -S "$2" ]; then echo yes; fi';
    await until(async () => (await control.shell.run(look, ...sockets)) === "yes", {
      intervalMs: 50,
      limitMs: startLimitMs,
      otherwise: () => {
        throw new UpdaterError("gateDoesNotStart", {});
      },
      signal,
    });
  },

  async undo({ instance, control }) {
    await untilReleased(instance, "start-gates", undoQueueMs);
    await removeGates({ instance });
    // One that was stopped while it started leaves its socket.
    await removeSockets(control);
  },
};

async function removeSockets({ shell }: OperationContext["control"]): Promise<void> {
  await shell.run('find "$1" -mindepth 1 -delete', paths.gate);
}

/** Once the gate is open: until everybody it held is sent on, which it does no faster than the application answers. */
export const stopGates: Step<Pick<OperationContext, "instance">> = {
  name: "stop-gates",

  async apply({ instance }) {
    await untilReleased(instance, "stop-gates");
    await removeGates({ instance });
  },
};

/** Waits while gates hold requests, and says for how many; they are at work whatever becomes of us. */
async function untilReleased(
  { engine, names, configuration, reporter }: Instance,
  step: StepName,
  limitMs = Infinity,
): Promise<void> {
  const look = async () => (await waitingRequests(engine, names.proxy, sockets))?.open ?? 0;
  const startedAt = performance.now();
  let [fewest, fewestAt, total] = [Infinity, startedAt, 0];
  for (;;) {
    const held = await look();
    const now = performance.now();
    if (held < fewest) [fewest, fewestAt] = [held, now];
    total = Math.max(total, held);
    const isStill = now - fewestAt > configuration.hold.maxMs + stillMs;
    if (held === 0 || isStill || now - startedAt > limitMs) return;
    reporter.event({ type: "progress", step, done: total - held, total, unit: "requests" });
    await pause(lookMs);
  }
}

/** Removes the gates; they answer what they still hold while they stop. */
export async function removeGates({ instance }: Pick<OperationContext, "instance">): Promise<void> {
  const { engine, name: site } = instance;
  const gates = await listContainers(engine, labelsOf(site, "gate"));
  await Promise.all(
    gates.map(async ({ id, name }) => {
      await stopTelling(instance, name, 30);
      await removeContainer(engine, id);
    }),
  );
}
