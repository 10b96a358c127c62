import { removeContainers, runToEnd, startContainer, stateOf } from "../engine/containers.ts";
import { labelsOf } from "../engine/labels.ts";
import type { Instance } from "./instance.ts";
import { paths } from "./names.ts";
import { stopTelling } from "./stop-container.ts";
import type { BareMetal, Generation, State } from "./state.ts";
import { users } from "./users.ts";

/** Where folders of the machine are inside the containers that lead to them. */
const places = {
  socket: "/bare-metal/socket",
  database: "/bare-metal/postgresql",
} as const;

/** Seconds in which requests that came through it are answered. */
const standInStopSeconds = 130;

const relay = (role: "application" | "stand-in" | "leave") => [
  "/venv/bin/python",
  "/opt/updater/relay.py",
  role,
];

/**
 * Leads from where the updater looks for a generation's database to that of the machine, as the user to whom its cluster
 * belongs: PostgreSQL as Debian installs it lets that one in as `postgres`, without a password or a line of its configuration.
 */
export async function startDatabaseRelay(
  instance: Instance,
  { number, databaseImage }: Pick<Generation, "number" | "databaseImage">,
  { database: { folder, port, user, group } }: BareMetal,
): Promise<void> {
  const { engine, name, names } = instance;
  await startContainer(engine, {
    name: names.database(number),
    image: databaseImage,
    labels: labelsOf(name, "database", number),
    user: `${user}:${group}`,
    entrypoint: ["socat"],
    command: [
      "UNIX-LISTEN:/run/postgresql/.s.PGSQL.5432,fork,mode=777,unlink-early",
      `UNIX-CONNECT:${places.database}/.s.PGSQL.${port}`,
    ],
    mounts: [
      { folder, path: places.database },
      { volume: names.replication, path: paths.replication },
    ],
    tmpfs: { "/run/postgresql": `uid=${user},gid=${group},mode=0755` },
    restart: "unless-stopped",
    stopSeconds: 1,
  });
}

/** Leads from a slot to the machine's gunicorn, as the user it runs as. */
export async function startApplicationRelay(
  instance: Instance,
  { number, image, slot }: Pick<Generation, "number" | "image" | "slot">,
  { socket }: BareMetal,
): Promise<void> {
  const { engine, name, names } = instance;
  await startContainer(engine, {
    name: names.application(number),
    image,
    labels: labelsOf(name, "application", number),
    user: `${socket.user}:${socket.group}`,
    // Slots are those of applications.
    groups: [users.application],
    entrypoint: relay("application"),
    environment: {
      BARE_METAL: "yes",
      SLOT: paths.slot(slot),
      FOLDER: places.socket,
      NAME: socket.name,
    },
    mounts: [
      { volume: names.slot(slot), path: paths.slot(slot) },
      { folder: socket.folder, path: places.socket },
    ],
    restart: "unless-stopped",
    stopSeconds: 10,
  });
}

/** What stands in, or has stood in: the image of a generation that leads to the machine. */
export type StandIn = Pick<Generation, "image"> & { readonly bareMetal: BareMetal };

const standInSpec = ({ image, bareMetal: { socket } }: StandIn) => ({
  image,
  user: `${socket.user}:${socket.group}`,
  environment: { FOLDER: places.socket, NAME: socket.name },
  mounts: [{ folder: socket.folder, path: places.socket }],
});

/** Takes the place of the machine's gunicorn: its web server asks the proxy from here on. */
export async function startStandIn(
  { engine, name, names }: Instance,
  standIn: StandIn,
): Promise<void> {
  const spec = standInSpec(standIn);
  await startContainer(engine, {
    ...spec,
    name: names.standIn,
    labels: labelsOf(name, "stand-in"),
    entrypoint: relay("stand-in"),
    environment: { ...spec.environment, PROXY: `${names.proxy}:8080` },
    network: names.network,
    restart: "unless-stopped",
    stopSeconds: standInStopSeconds,
  });
}

/**
 * Gives gunicorn its place back, however whoever stood there has ended; who is still to be answered is. Safe to repeat.
 * @param options.never nobody may have stood there yet: where nobody does, nothing is looked at
 */
export async function endStandIn(
  instance: Instance,
  standIn: StandIn,
  { never = false }: { readonly never?: boolean } = {},
): Promise<void> {
  const { engine, name, names } = instance;
  const state = await stateOf(engine, names.standIn);
  if (!state && never) return;
  await stopTelling(instance, names.standIn, standInStopSeconds);
  await removeContainers(engine, labelsOf(name, "stand-in"));
  await runToEnd(engine, {
    ...standInSpec(standIn),
    name: names.standIn,
    labels: labelsOf(name, "stand-in"),
    entrypoint: relay("leave"),
  });
}

/** The same of a site, by its state. */
export async function leaveNoStandIn(instance: Instance, { generations }: State): Promise<void> {
  for (const { image, bareMetal } of generations) {
    if (!bareMetal) continue;
    await endStandIn(instance, { image, bareMetal }).catch((error: unknown) => {
      // Without the site's folder there is no place to leave.
      if (!/bind source path does not exist/.test(String(error))) throw error;
    });
  }
}
