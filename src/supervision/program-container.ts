import { readFile, realpath, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import type { Engine } from "../engine/connect.ts";
import { ownContainer } from "../engine/own-container.ts";
import type { Instance } from "../instance/instance.ts";
import { baseImage } from "../build/own-images.ts";

export type Options = Parameters<Engine["createContainer"]>[0];

/**
 * Counts in the container how often it was started, and tells the program. With
 * folders of this machine at /host it enters them, unless they are another machine's: the same path is
 * another file there.
 */
const start = `
echo >>/lives
UPDATER_LIFE=$(wc -l </lives)
export UPDATER_LIFE
if [ -n "$SAME_FILE" ]; then
  # Only at first: a reboot may number the file systems of the same machine anew.
  if [ "$UPDATER_LIFE" = 1 ] && [ "$(stat -c %d:%i "/host\${SAME_FILE#* }" 2>/dev/null)" != "\${SAME_FILE%% *}" ]; then
    echo '{"message":"elsewhere"}'
    exit 0
  fi
  set -- chroot --userspec="$USER_ID:$GROUP_ID" --groups="$GROUPS_ID" /host "$@"
fi
exec "$@"`;

/** What a program needs to know to find its way again after a restart; none of it is a secret. */
const passedOn =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|XDG_\w+|DOCKER_HOST|UPDATER_CONFIG|NODE_COMPILE_CACHE)$/;

/**
 * What makes a container run a program of the updater's with the files, the user and the network of whoever asks.
 * @param program path of its main file
 * @returns nothing where this engine cannot run programs of this machine
 */
export async function programHere(
  { engine, configuration }: Pick<Instance, "engine" | "configuration">,
  program: string,
  argv: readonly string[],
): Promise<Options | undefined> {
  const place =
    (await besideOwnContainer(engine)) ?? (await onThisMachine(engine, configuration.file));
  if (!place) return undefined;
  return {
    ...place,
    Entrypoint: ["/bin/sh", "-c", start, "sh", process.execPath, program],
    Cmd: [...argv],
    Env: [
      ...(place.Env ?? []),
      ...Object.entries(process.env)
        .filter(([key]) => passedOn.test(key))
        .map(([key, value]) => `${key}=${value}`),
    ],
    // What the engine sends when it stops: not what Ctrl-C sends, which must not keep it from a restart.
    StopSignal: "SIGTERM",
  };
}

/** In the updater's own container: another like it, with the same files. */
async function besideOwnContainer(engine: Engine): Promise<Options | undefined> {
  const own = await ownContainer(engine);
  if (!own) return undefined;
  const { Id, Image, Config, HostConfig } = own;
  return {
    Image,
    WorkingDir: Config.WorkingDir,
    User: Config.User,
    HostConfig: {
      VolumesFrom: [Id],
      NetworkMode: HostConfig.NetworkMode ?? "bridge",
      Init: true,
    },
  };
}

/** A checkout: hooks, keys and git's settings are those of the machine and of the user, and stay so. */
async function onThisMachine(engine: Engine, file: string): Promise<Options | undefined> {
  const { SecurityOptions } = (await engine.info()) as { SecurityOptions?: string[] };
  if (SecurityOptions?.some((option) => option.includes("rootless"))) return undefined;
  const { uid, gid } = userInfo();
  const path = await realpath(file);
  const { dev, ino } = await stat(path, { bigint: true });
  return {
    Image: baseImage,
    User: "0:0",
    Env: [
      `SAME_FILE=${dev}:${ino} ${path}`,
      `USER_ID=${uid}`,
      `GROUP_ID=${gid}`,
      `GROUPS_ID=${process.getgroups?.().join(",") ?? gid}`,
    ],
    HostConfig: {
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
