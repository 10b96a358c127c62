import { abortable } from "../lib/abortable.ts";
import { UpdaterError } from "../errors.ts";
import { clientOf, type Engine, isConflict, isUnchanged, unlessGone } from "./connect.ts";
import { lastLines } from "./container-output.ts";
import { type ContainerSpec, optionsOf, type RestartPolicy } from "./container-spec.ts";
import { filterBy, label, type Labels } from "./labels.ts";

/**
 * Creates a container; an earlier one of the same name and instance is replaced.
 * @returns its id
 * @throws UpdaterError `foreignContainer` when the name belongs to a container that is not ours
 */
export async function createContainer(engine: Engine, spec: ContainerSpec): Promise<string> {
  const client = clientOf(engine);
  try {
    return (await client.createContainer(optionsOf(spec))).id;
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
  const existing = client.getContainer(spec.name);
  const { Config } = await existing.inspect();
  if (Config.Labels[label.instance] !== spec.labels[label.instance]) {
    throw new UpdaterError("foreignContainer", { container: spec.name });
  }
  await unlessGone(existing.remove({ force: true, v: true }));
  return (await client.createContainer(optionsOf(spec))).id;
}

export async function startCreated(engine: Engine, id: string): Promise<void> {
  await clientOf(engine).getContainer(id).start();
}

/** Creates and starts a container; one that does not start is removed. */
export async function startContainer(engine: Engine, spec: ContainerSpec): Promise<string> {
  const id = await createContainer(engine, spec);
  try {
    await startCreated(engine, id);
  } catch (error) {
    await unlessGone(clientOf(engine).getContainer(id).remove({ force: true, v: true }));
    throw error;
  }
  return id;
}

/**
 * Runs a container to its end and removes it.
 * @throws Error with what it printed when it exits with anything but 0
 */
export async function runToEnd(engine: Engine, spec: ContainerSpec): Promise<void> {
  const { status, printed } = await runContainer(engine, spec, { lines: 5 });
  if (status !== 0) throw new Error(`${spec.name}: ${printed.join(" ")} (exit status ${status})`);
}

/** Runs a container to its end and removes it; `printed` are the last lines it printed. */
export async function runContainer(
  engine: Engine,
  spec: ContainerSpec,
  { lines, signal }: { lines: number; signal?: AbortSignal },
): Promise<{ status: number; printed: readonly string[] }> {
  const id = await startContainer(engine, spec);
  try {
    const ended = exitStatus(engine, id);
    const status = await (signal ? abortable(signal, ended) : ended);
    return { status, printed: await lastLines(engine, spec.name, lines) };
  } finally {
    await removeContainer(engine, spec.name);
  }
}

export async function exitStatus(engine: Engine, id: string): Promise<number> {
  const { StatusCode: status } = (await clientOf(engine).getContainer(id).wait()) as {
    StatusCode: number;
  };
  return status;
}

/** Containers that carry these labels, stopped ones included. */
export async function listContainers(engine: Engine, labels: Labels) {
  const found = await clientOf(engine).listContainers({ all: true, filters: filterBy(labels) });
  return found.map(({ Id, Names, Image, State, Labels, Created }) => ({
    id: Id,
    name: (Names[0] ?? Id).replace(/^\//, ""),
    image: Image,
    running: State === "running",
    labels: Labels,
    /** Milliseconds since the epoch. */
    createdAt: Created * 1000,
  }));
}

/** Removes every container that carries these labels, running or not. */
export async function removeContainers(engine: Engine, labels: Labels): Promise<void> {
  for (const { id } of await listContainers(engine, labels)) await removeContainer(engine, id);
}

/** Removes a container, running or not; one that is gone is fine. */
export async function removeContainer(engine: Engine, nameOrId: string): Promise<void> {
  const container = clientOf(engine).getContainer(nameOrId);
  try {
    await unlessGone(container.remove({ force: true, v: true }));
  } catch (error) {
    // "removal already in progress": anyone else's removal is as good as ours.
    if (!isConflict(error)) throw error;
    await unlessGone(container.wait({ condition: "removed" }));
  }
}

/** Removes a container that never ran, or runs no more. @returns false when it runs after all */
export async function removeIdle(engine: Engine, id: string): Promise<boolean> {
  try {
    await unlessGone(clientOf(engine).getContainer(id).remove({ v: true }));
    return true;
  } catch (error) {
    if (isConflict(error)) return false;
    throw error;
  }
}

/** Stops a container and lets it finish what it does; one that is stopped or gone is fine. */
export async function stopContainer(engine: Engine, name: string, seconds: number): Promise<void> {
  const stopping = clientOf(engine).getContainer(name).stop({ t: seconds });
  await unlessUnchanged(unlessGone(stopping));
}

export async function signalContainer(
  engine: Engine,
  id: string,
  signal: "SIGINT" | "SIGKILL",
): Promise<void> {
  await clientOf(engine).getContainer(id).kill({ signal });
}

/** Starts a stopped container, and a frozen one again; one that runs is fine. */
export async function resumeContainer(engine: Engine, name: string): Promise<void> {
  const container = clientOf(engine).getContainer(name);
  const { State } = await container.inspect();
  await unlessUnchanged(State.Paused ? container.unpause() : container.start());
}

async function unlessUnchanged(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isUnchanged(error)) throw error;
  }
}

export async function isRunning(engine: Engine, name: string): Promise<boolean> {
  return (await stateOf(engine, name))?.running ?? false;
}

export type ContainerState = NonNullable<Awaited<ReturnType<typeof stateOf>>>;

/** How a container is; undefined when there is none. Times are ISO 8601. */
export async function stateOf(engine: Engine, name: string) {
  const found = await unlessGone(clientOf(engine).getContainer(name).inspect());
  if (!found) return undefined;
  const { Id, State, Config, HostConfig, Created } = found;
  const active = State.Running || State.Restarting;
  return {
    id: Id,
    /** At work: neither stopped nor frozen. */
    running: State.Running && !State.Paused,
    /** About to be started again by the engine. */
    restarting: State.Restarting,
    /** ended: it has run, and neither runs nor is about to be started again. */
    phase: State.Status === "created" ? "created" : active ? "active" : "ended",
    /** What the engine does when it ends. */
    restart: HostConfig.RestartPolicy?.Name || "no",
    labels: Config.Labels,
    createdAt: Created,
    startedAt: State.StartedAt,
    finishedAt: State.FinishedAt,
    exitStatus: State.ExitCode,
  } as const;
}

/** Address and port of this machine that lead to a running container's only port; undefined while it is stopped. */
export async function publishedAt(
  engine: Engine,
  name: string,
): Promise<{ readonly address: string; readonly port: number } | undefined> {
  const { NetworkSettings } = await clientOf(engine).getContainer(name).inspect();
  const [binding] = Object.values(NetworkSettings.Ports).flatMap((bindings) => bindings ?? []);
  return binding && { address: binding.HostIp, port: Number(binding.HostPort) };
}

/** What the engine does with a container that ends, or after a reboot. */
export async function setRestartPolicy(
  engine: Engine,
  name: string,
  policy: RestartPolicy,
): Promise<void> {
  await clientOf(engine)
    .getContainer(name)
    .update({ RestartPolicy: { Name: policy } });
}
