import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { type Engine, isConflict, isMissing } from "../engine/connect.ts";
import { removeContainer } from "../engine/containers.ts";
import { label, type Labels, labelsOf } from "../engine/labels.ts";
import { UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { type Options, programHere } from "./program-container.ts";

type Container = ReturnType<Engine["getContainer"]>;

/**
 * Creates the container an operation runs in, with the files, the user and the network of whoever asks.
 * @param operation as it is shown to whoever is refused meanwhile: "swap 0.8.1"
 * @returns nothing where this engine cannot run programs of this machine
 * @throws UpdaterError `locked` while another operation runs in one
 */
export async function createOperator(
  instance: Instance,
  operation: string,
  argv: readonly string[],
): Promise<Container | undefined> {
  const { engine, name, names } = instance;
  const place = await programHere(
    instance,
    join(import.meta.dirname, "..", "operator", "main.ts"),
    argv,
  );
  if (!place) return undefined;
  const since = new Date().toISOString();
  const options: Options = {
    ...place,
    name: names.operator,
    Env: [
      ...(place.Env ?? []),
      `UPDATER_FOLDER=${process.cwd()}`,
      `UPDATER_SINCE=${since}`,
      `UPDATER_OPERATOR=${names.operator}`,
    ],
    Labels: {
      ...labelsOf(name, "operator"),
      [label.operation]: operation,
      [label.holder]: `${userInfo().username}@${hostname()} (${process.pid})`,
      [label.since]: since,
    },
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    HostConfig: {
      ...place.HostConfig,
      // Until it has begun: one that cannot even start is not to be tried for ever.
      RestartPolicy: { Name: "no" },
      LogConfig: { Type: "json-file", Config: { "max-size": "100m", "max-file": "2" } },
    },
  };
  for (let attempt = 1; ; attempt++) {
    try {
      return await engine.createContainer(options);
    } catch (error) {
      if (!isConflict(error)) throw error;
      await removeEnded(engine, name, names.operator, attempt);
    }
  }
}

/** One that has ended, and whose end nobody has read, makes room; one that runs does not. */
async function removeEnded(
  engine: Engine,
  instance: string,
  container: string,
  attempt: number,
): Promise<void> {
  try {
    const { Config, State, Created } = await engine.getContainer(container).inspect();
    if (Config.Labels[label.instance] !== instance) {
      throw new UpdaterError("foreignContainer", { container });
    }
    const young = Date.now() - Date.parse(Created) < 10_000;
    if (isAtWork(State) || (State.Status === "created" && young) || attempt > 1) {
      throw new UpdaterError("locked", { instance, ...holderOf(Config.Labels, Created) });
    }
    await removeContainer(engine, container);
  } catch (error) {
    // It went while we looked: the next attempt decides.
    if (!isMissing(error)) throw error;
  }
}

/** Who has started an operation, which, and when. */
export function holderOf(labels: Labels, created: string) {
  return {
    operation: labels[label.operation] ?? "?",
    holder: labels[label.holder] ?? "?",
    since: labels[label.since] ?? created,
  };
}

/** Whether a container runs, or is about to be started again. */
export function isAtWork({ Running, Restarting }: { Running: boolean; Restarting: boolean }) {
  return Running || Restarting;
}
