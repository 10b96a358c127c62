import { readFile } from "node:fs/promises";
import { listContainers, removeContainer, stopContainer } from "../engine/containers.ts";
import { labelsOf } from "../engine/labels.ts";
import { UpdaterError } from "../errors.ts";
import { buildEnvironmentOf } from "../build/build-environment.ts";
import { startGates } from "../instance/gates.ts";
import { placeFile } from "../instance/instance-lock.ts";
import { paths } from "../instance/names.ts";
import { updaterImage } from "../build/own-images.ts";
import { until } from "../lib/until.ts";
import type { OperationContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";

/** What a gate may take to listen. */
const startLimitMs = 30_000;

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
    await startGates(instance, image, language, expectedHoldMs);
    const sockets = ["app.sock", "app2.sock"].map((socket) => `${paths.gate}/${socket}`);
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
    await removeGates({ instance });
    // One that was stopped while it started leaves its socket.
    await removeSockets(control);
  },
};

async function removeSockets({ shell }: OperationContext["control"]): Promise<void> {
  await shell.run('find "$1" -mindepth 1 -delete', paths.gate);
}

/** Removes the gates; they have answered all they held by then, or do so while they stop. */
export async function removeGates({ instance }: Pick<OperationContext, "instance">): Promise<void> {
  const { engine, name } = instance;
  const gates = await listContainers(engine, labelsOf(name, "gate"));
  await Promise.all(
    gates.map(async ({ id }) => {
      await stopContainer(engine, id, 30);
      await removeContainer(engine, id);
    }),
  );
}
