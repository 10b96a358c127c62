import { readFile, realpath, stat } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { type Engine, isConflict, isMissing } from "../engine/connect.ts";
import { removeContainer } from "../engine/containers.ts";
import { label, type Labels, labelsOf } from "../engine/labels.ts";
import { UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { baseImage } from "../instance/own-images.ts";

type Options = Parameters<Engine["createContainer"]>[0];
type Container = ReturnType<Engine["getContainer"]>;

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
  if [ "$(stat -c %d:%i "/host\${SAME_FILE#* }" 2>/dev/null)" != "\${SAME_FILE%% *}" ]; then
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
 * Creates the container an operation runs in, with the files, the user and the network of whoever asks.
 * @param operation as it is shown to whoever is refused meanwhile: "swap 0.8.1"
 * @returns nothing where this engine cannot run programs of this machine
 * @throws UpdaterError `locked` while another operation runs in one
 */
export async function createOperator(
  { engine, name, names, configuration }: Instance,
  operation: string,
  argv: readonly string[],
): Promise<Container | undefined> {
  const place =
    (await besideOwnContainer(engine)) ?? (await onThisMachine(engine, configuration.file));
  if (!place) return undefined;
  const since = new Date().toISOString();
  const options: Options = {
    ...place,
    name: names.operator,
    Entrypoint: [
      "/bin/sh",
      "-c",
      start,
      "sh",
      process.execPath,
      join(import.meta.dirname, "main.ts"),
    ],
    Cmd: [...argv],
    Env: [
      ...(place.Env ?? []),
      `UPDATER_FOLDER=${process.cwd()}`,
      `UPDATER_SINCE=${since}`,
      `UPDATER_OPERATOR=${names.operator}`,
      ...Object.entries(process.env)
        .filter(([key]) => passedOn.test(key))
        .map(([key, value]) => `${key}=${value}`),
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
    // What the engine sends when it stops: not what Ctrl-C sends, which must not keep it from a restart.
    StopSignal: "SIGTERM",
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

/** In the updater's own container: another like it, with the same files. */
async function besideOwnContainer(engine: Engine): Promise<Options | undefined> {
  const mounts = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
  const id = /\/containers\/([0-9a-f]{64})\//.exec(mounts)?.[1];
  if (id === undefined) return undefined;
  try {
    const { Image, Config, HostConfig } = await engine.getContainer(id).inspect();
    return {
      Image,
      WorkingDir: Config.WorkingDir,
      User: Config.User,
      HostConfig: {
        VolumesFrom: [id],
        NetworkMode: HostConfig.NetworkMode ?? "bridge",
        Init: true,
      },
    };
  } catch (error) {
    // Some other engine's container.
    if (isMissing(error)) return undefined;
    throw error;
  }
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
