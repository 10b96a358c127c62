import type Docker from "dockerode";
import type { Labels } from "./labels.ts";
import type { Placement } from "./placement.ts";

/** What a container may see and do; everything not named here is refused to it. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly labels: Labels;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: string;
  /** Numbers of more groups it belongs to. */
  readonly groups?: readonly number[];
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
  /** Of the container's own network: `net.core.somaxconn` and the like. */
  readonly sysctls?: Readonly<Record<string, string>>;
  /** Megabytes of each file its output is kept in, and how many of them. */
  readonly log?: { readonly size: number; readonly files: number };
  /** It runs a program of ours with all that the operator may do: nothing is refused to it but what is refused to them. */
  readonly placement?: Placement;
}

/** A volume, or a folder of the engine's machine, which must be there. */
export type Mount = ({ readonly volume: string } | { readonly folder: string }) & {
  readonly path: string;
  readonly readOnly?: boolean;
};

export type RestartPolicy = "no" | "unless-stopped";

/** The engine's form of a specification. */
export function optionsOf(spec: ContainerSpec): Docker.ContainerCreateOptions {
  const { placement, publish } = spec;
  const port = publish && `${publish.containerPort}/tcp`;
  const { size, files } = spec.log ?? { size: 20, files: 5 };
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
    ...placement?.container,
    HostConfig: {
      ...(placement?.host ?? confinement(spec)),
      RestartPolicy: { Name: spec.restart ?? "no" },
      AutoRemove: spec.autoRemove ?? false,
      ...(spec.sysctls && { Sysctls: { ...spec.sysctls } }),
      ...(spec.sharedMemory !== undefined && { ShmSize: spec.sharedMemory }),
      // Of 1024 that everybody else has. Being nice counts inside a container only.
      ...(spec.background && { CpuShares: 128 }),
      LogConfig: {
        Type: "json-file",
        Config: { "max-size": `${size}m`, "max-file": String(files) },
      },
      ...(port && {
        PortBindings: {
          [port]: [{ HostIp: publish.address, HostPort: String(publish.port) }],
        },
      }),
    },
  };
}

function confinement(spec: ContainerSpec): Docker.HostConfig {
  return {
    Init: true,
    ReadonlyRootfs: !spec.writableRoot,
    CapDrop: ["ALL"],
    CapAdd: [...(spec.capabilities ?? [])],
    SecurityOpt: ["no-new-privileges"],
    NetworkMode: spec.network ?? "none",
    ...(spec.groups && { GroupAdd: spec.groups.map(String) }),
    Tmpfs: { ...spec.tmpfs },
    Mounts: (spec.mounts ?? []).map(mountOf),
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
