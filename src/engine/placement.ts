import { readFile, realpath, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import type Docker from "dockerode";
import { clientOf, type Engine } from "./connect.ts";
import { ownContainer } from "./own-container.ts";

/** Where a program of ours finds the files, the user and the network of the command that starts it. */
export interface Placement {
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly container: Pick<Docker.ContainerCreateOptions, "User" | "WorkingDir" | "StopSignal">;
  readonly host: Docker.HostConfig;
}

/**
 * Beside the updater's own container, or on this machine.
 * @param file of this machine, by which the program finds out that it is on the same one
 * @param image for what runs on this machine
 * @returns nothing where this engine cannot run programs of this machine
 */
export async function placementHere(
  engine: Engine,
  { file, image }: { readonly file: string; readonly image: string },
): Promise<Placement | undefined> {
  const found = (await besideOwnContainer(engine)) ?? (await onThisMachine(engine, file, image));
  // What the engine sends when it stops: not what Ctrl-C sends, which must not keep it from a restart.
  return found && { ...found, container: { ...found.container, StopSignal: "SIGTERM" } };
}

/** In the updater's own container: another like it, with the same files. */
async function besideOwnContainer(engine: Engine): Promise<Placement | undefined> {
  const own = await ownContainer(engine);
  if (!own) return undefined;
  const { Id, Image, Config, HostConfig } = own;
  return {
    image: Image,
    environment: {},
    container: { WorkingDir: Config.WorkingDir, User: Config.User },
    host: {
      VolumesFrom: [Id],
      NetworkMode: HostConfig.NetworkMode ?? "bridge",
      Init: true,
    },
  };
}

/** A checkout: hooks, keys and git's settings are those of the machine and of the user, and stay so. */
async function onThisMachine(
  engine: Engine,
  file: string,
  image: string,
): Promise<Placement | undefined> {
  const info = (await clientOf(engine).info()) as { SecurityOptions?: string[] };
  if (info.SecurityOptions?.some((option) => option.includes("rootless"))) return undefined;
  const { uid, gid } = userInfo();
  const path = await realpath(file);
  const { dev, ino } = await stat(path, { bigint: true });
  return {
    image,
    environment: {
      SAME_FILE: `${dev}:${ino} ${path}`,
      USER_ID: String(uid),
      GROUP_ID: String(gid),
      GROUPS_ID: process.getgroups?.().join(",") ?? String(gid),
    },
    container: { User: "0:0" },
    host: {
      Mounts: [
        {
          Type: "bind",
          Source: "/",
          Target: "/host",
          // What is unmounted outside must not stay mounted here, and busy. Only a shared mount can tell.
          ...((await rootIsShared()) && { BindOptions: { Propagation: "rslave" as const } }),
        },
      ],
      NetworkMode: "host",
      PidMode: "host",
      IpcMode: "host",
      UTSMode: "host",
      UsernsMode: "host",
      // Root of a machine sees in which folder a process runs; root of a container does not.
      ...(uid === 0 && { CapAdd: ["SYS_PTRACE"] }),
      // A hook may use sudo or talk to systemd, as it could from the shell the command was typed in.
      SecurityOpt: ["apparmor=unconfined", "seccomp=unconfined"],
    },
  };
}

async function rootIsShared(): Promise<boolean> {
  const mounts = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
  return mounts.some((line) => {
    const [, , , , target, , ...rest] = line.split(" ");
    return (
      target === "/" && rest.slice(0, rest.indexOf("-")).some((one) => one.startsWith("shared:"))
    );
  });
}
