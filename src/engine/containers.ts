import type Docker from "dockerode";
import { abortable } from "../lib/abortable.ts";
import { type Engine, isConflict, isMissing, unlessMissing } from "./connect.ts";
import { filterBy, label, type Labels } from "./labels.ts";
import { lastLines } from "./container-output.ts";
import { UpdaterError } from "../errors.ts";

/** What a container may see and do; everything not named here is refused to it. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly labels: Labels;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly mounts?: readonly Mount[];
  /** Path → mount options; lives in memory and dies with the container. */
  readonly tmpfs?: Readonly<Record<string, string>>;
  /** Name of a network, or "none" (the default). */
  readonly network?: string;
  readonly publish?: {
    readonly address: string;
    readonly port: number;
    readonly containerPort: number;
  };
  readonly restart?: RestartPolicy;
  readonly capabilities?: readonly string[];
  readonly interactive?: boolean;
  readonly autoRemove?: boolean;
  /** Seconds a stop waits before it kills. */
  readonly stopSeconds?: number;
  /** Bytes of /dev/shm. */
  readonly sharedMemory?: number;
  readonly writableRoot?: boolean;
  /** Instead of one of the engine's choice. */
  readonly hostname?: string;
  /** An eighth of what others get of processors, while they want them. */
  readonly background?: boolean;
}

/** A volume, or a folder of the engine's machine, which must be there. */
export type Mount = ({ readonly volume: string } | { readonly folder: string }) & {
  readonly path: string;
  readonly readOnly?: boolean;
};

export type RestartPolicy = "no" | "unless-stopped";

/** A container as the engine lists it. */
export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly running: boolean;
  readonly labels: Labels;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/**
 * Creates a container; an earlier one of the same name and instance is replaced.
 * @throws UpdaterError `foreignContainer` when the name belongs to a container that is not ours
 */
export async function createContainer(
  engine: Engine,
  spec: ContainerSpec,
): Promise<Docker.Container> {
  try {
    return await engine.createContainer(optionsOf(spec));
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
  const existing = engine.getContainer(spec.name);
  const { Config } = await existing.inspect();
  if (Config.Labels[label.instance] !== spec.labels[label.instance]) {
    throw new UpdaterError("foreignContainer", { container: spec.name });
  }
  await unlessMissing(existing.remove({ force: true, v: true }));
  return await engine.createContainer(optionsOf(spec));
}

/** Creates and starts a container. */
export async function startContainer(
  engine: Engine,
  spec: ContainerSpec,
): Promise<Docker.Container> {
  const container = await createContainer(engine, spec);
  try {
    await container.start();
  } catch (error) {
    await unlessMissing(container.remove({ force: true, v: true }));
    throw error;
  }
  return container;
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
  const container = await startContainer(engine, spec);
  try {
    const ended = container.wait() as Promise<{ StatusCode: number }>;
    const { StatusCode: status } = await (signal ? abortable(signal, ended) : ended);
    return { status, printed: await lastLines(engine, spec.name, lines) };
  } finally {
    await removeContainer(engine, spec.name);
  }
}

/** The engine's form of a specification; exported for the lock, which must not replace a container. */
export function optionsOf(spec: ContainerSpec): Docker.ContainerCreateOptions {
  const port = spec.publish && `${spec.publish.containerPort}/tcp`;
  return {
    name: spec.name,
    Image: spec.image,
    Labels: spec.labels,
    ...(spec.command && { Cmd: [...spec.command] }),
    ...(spec.entrypoint && { Entrypoint: [...spec.entrypoint] }),
    ...(spec.user && { User: spec.user }),
    ...(spec.hostname && { Hostname: spec.hostname }),
    Env: Object.entries(spec.environment ?? {}).map(([key, value]) => `${key}=${value}`),
    ...(spec.interactive && { OpenStdin: true, StdinOnce: true, AttachStdin: true }),
    ...(spec.stopSeconds !== undefined && { StopTimeout: spec.stopSeconds }),
    ...(port && { ExposedPorts: { [port]: {} } }),
    HostConfig: {
      Init: true,
      ReadonlyRootfs: !spec.writableRoot,
      CapDrop: ["ALL"],
      CapAdd: [...(spec.capabilities ?? [])],
      SecurityOpt: ["no-new-privileges"],
      NetworkMode: spec.network ?? "none",
      RestartPolicy: { Name: spec.restart ?? "no" },
      AutoRemove: spec.autoRemove ?? false,
      Tmpfs: { ...spec.tmpfs },
      ...(spec.sharedMemory !== undefined && { ShmSize: spec.sharedMemory }),
      // Of 1024 that everybody else has. Being nice counts inside a container only.
      ...(spec.background && { CpuShares: 128 }),
      Mounts: (spec.mounts ?? []).map(mountOf),
      LogConfig: { Type: "json-file", Config: { "max-size": "20m", "max-file": "5" } },
      ...(port && {
        PortBindings: {
          [port]: [{ HostIp: spec.publish?.address, HostPort: String(spec.publish?.port) }],
        },
      }),
    },
  };
}

function mountOf(mount: Mount): Docker.MountSettings {
  const where = { Target: mount.path, ReadOnly: mount.readOnly ?? false };
  if ("folder" in mount) return { Type: "bind", Source: mount.folder, ...where };
  return {
    Type: "volume",
    Source: mount.volume,
    ...where,
    VolumeOptions: { NoCopy: false, Labels: {}, DriverConfig: { Name: "", Options: {} } },
  };
}

/** Containers that carry these labels, stopped ones included. */
export async function listContainers(engine: Engine, labels: Labels): Promise<ContainerSummary[]> {
  const found = await engine.listContainers({ all: true, filters: filterBy(labels) });
  return found.map(({ Id, Names, Image, State, Labels, Created }) => ({
    id: Id,
    name: (Names[0] ?? Id).replace(/^\//, ""),
    image: Image,
    running: State === "running",
    labels: Labels,
    createdAt: Created * 1000,
  }));
}

/** Removes every container that carries these labels, running or not. */
export async function removeContainers(engine: Engine, labels: Labels): Promise<void> {
  for (const { id } of await listContainers(engine, labels)) await removeContainer(engine, id);
}

/** Removes a container, running or not; one that is gone is fine. */
export async function removeContainer(engine: Engine, nameOrId: string): Promise<void> {
  try {
    await unlessMissing(engine.getContainer(nameOrId).remove({ force: true, v: true }));
  } catch (error) {
    // "removal already in progress": somebody else's removal is as good as ours.
    if (!isConflict(error)) throw error;
    await unlessMissing(engine.getContainer(nameOrId).wait({ condition: "removed" }));
  }
}

/** Stops a container and lets it finish what it does; one that is stopped or gone is fine. */
export async function stopContainer(engine: Engine, name: string, seconds: number): Promise<void> {
  try {
    await unlessMissing(engine.getContainer(name).stop({ t: seconds }));
  } catch (error) {
    // 304: already stopped.
    if (!(error instanceof Error && "statusCode" in error && error.statusCode === 304)) throw error;
  }
}

/** Starts a stopped container, and a frozen one again; one that runs is fine. */
export async function resumeContainer(engine: Engine, name: string): Promise<void> {
  const container = engine.getContainer(name);
  try {
    if ((await container.inspect()).State.Paused) await container.unpause();
    else await container.start();
  } catch (error) {
    if (!(error instanceof Error && "statusCode" in error && error.statusCode === 304)) throw error;
  }
}

/** Whether a container of this name is at work. */
export async function isRunning(engine: Engine, name: string): Promise<boolean> {
  return (await stateOf(engine, name))?.running ?? false;
}

export interface ContainerState {
  /** At work: neither stopped nor frozen. */
  readonly running: boolean;
  /** What the engine does when it ends. */
  readonly restart: string;
  readonly labels: Labels;
}

/** How a container is; undefined when there is none. */
export async function stateOf(engine: Engine, name: string): Promise<ContainerState | undefined> {
  try {
    const { State, Config, HostConfig } = await engine.getContainer(name).inspect();
    const restart = HostConfig.RestartPolicy?.Name || "no";
    return { running: State.Running && !State.Paused, restart, labels: Config.Labels };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Port of this machine that leads to a running container's only one; undefined while it is stopped. */
export async function publishedPort(engine: Engine, name: string): Promise<number | undefined> {
  const { NetworkSettings } = await engine.getContainer(name).inspect();
  const [binding] = Object.values(NetworkSettings.Ports).flatMap((bindings) => bindings ?? []);
  return binding && Number(binding.HostPort);
}

/** What the engine does with a container that ends, or after a reboot. */
export async function setRestartPolicy(
  engine: Engine,
  name: string,
  policy: RestartPolicy,
): Promise<void> {
  await engine.getContainer(name).update({ RestartPolicy: { Name: policy } });
}
