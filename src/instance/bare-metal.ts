import { join } from "node:path";
import {
  removeContainers,
  resumeContainer,
  runToEnd,
  startContainer,
  stateOf,
  stopContainer,
} from "../engine/containers.ts";
import type { Mount } from "../engine/container-spec.ts";
import { label, labelsOf } from "../engine/labels.ts";
import type { Instance } from "./instance.ts";
import { paths } from "./names.ts";
import { stopTelling } from "./stop-container.ts";
import type { BareMetal, Generation, State } from "./state.ts";
import { users } from "./users.ts";

/** Where folders of the machine are inside the containers that lead to them. */
const places = {
  socket: "/bare-metal/socket",
  database: "/bare-metal/postgresql",
  media: "/bare-metal/media",
  static: "/bare-metal/static",
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

/** Where the database of a generation is offered to the machine's: a folder beside the socket of that. */
const offerFolder = (instance: string, generation: number) => `biomaid-${instance}-g${generation}`;

/** Seconds in which it has removed that. */
const offerStopSeconds = 5;

const offerScript = `
  trap '[ -z "\${!:-}" ] || kill $!; rm -rf "$1"' EXIT
  trap 'exit 0' INT TERM
  mkdir -p -m 0750 "$1"
  socat "UNIX-LISTEN:$1/.s.PGSQL.5432,fork,umask=0117,unlink-early" "UNIX-CONNECT:$2/.s.PGSQL.5432" &
  wait $!`;

/** How the machine's own PostgreSQL reaches the database of a generation that it follows, for libpq. */
export function offeredHost(
  { name }: Pick<Instance, "name">,
  { database }: BareMetal,
  generation: number,
): string {
  return join(database.folder, offerFolder(name, generation));
}

/** A generation that leads to a machine. */
type Bare = Pick<Generation, "number" | "databaseImage"> & { readonly bareMetal: BareMetal };

/**
 * Lets the machine's PostgreSQL reach the database of the generation that serves, as superuser. Nobody else can: the folder is
 * open to the group of its cluster, and what connects is the database's own user in our containers.
 * @param to number of the generation that serves
 */
export async function offerDatabase(
  instance: Instance,
  { number, databaseImage, bareMetal: { database } }: Bare,
  to: number,
): Promise<void> {
  const { engine, name, names } = instance;
  const container = names.offer(number);
  const leads = await stateOf(engine, container);
  if (leads?.running && leads.labels[label.offers] === String(to)) return;
  await endOffer(instance, number);
  const folder = join(places.database, offerFolder(name, to));
  await startContainer(engine, {
    name: container,
    image: databaseImage,
    labels: { ...labelsOf(name, "offer", number), [label.offers]: String(to) },
    user: `${users.database}:${database.group}`,
    entrypoint: ["/bin/sh", "-euc"],
    command: [offerScript, "offer", folder, `${paths.replication}/g${to}`],
    mounts: [
      { folder: database.folder, path: places.database },
      { volume: names.replication, path: paths.replication },
    ],
    restart: "unless-stopped",
    stopSeconds: offerStopSeconds,
  });
}

/** Ends it, and leaves nothing of it on the machine. Safe to repeat, and where nothing was offered. */
export async function endOffer(
  { engine, name, names }: Pick<Instance, "engine" | "name" | "names">,
  generation: number,
): Promise<void> {
  const container = names.offer(generation);
  const found = await stateOf(engine, container);
  if (!found) return;
  // One that was killed has left its folder, which it removes when it ends; without that of the cluster there is none.
  if (!found.running) await resumeContainer(engine, container).catch(() => undefined);
  await stopContainer(engine, container, offerStopSeconds);
  await removeContainers(engine, labelsOf(name, "offer", generation));
}

/** How a database that is being filled reaches the machine's, for libpq: an address of its own network alone, no file. */
export const sourceHost = "@updater";

/**
 * Lets the database of a candidate reach that of the machine, as its superuser: in the candidate's own network, which has no
 * other end, and in which nothing but its PostgreSQL is.
 */
export async function startSource(
  { engine, name, names }: Pick<Instance, "engine" | "name" | "names">,
  { databaseImage, bareMetal: { database } }: Omit<Bare, "number">,
  candidate: number,
): Promise<void> {
  await startContainer(engine, {
    name: names.source(candidate),
    image: databaseImage,
    labels: labelsOf(name, "source", candidate),
    user: `${database.user}:${database.group}`,
    entrypoint: ["socat"],
    command: [
      `ABSTRACT-LISTEN:${sourceHost.slice(1)}/.s.PGSQL.5432,fork`,
      `UNIX-CONNECT:${places.database}/.s.PGSQL.${database.port}`,
    ],
    mounts: [{ folder: database.folder, path: places.database }],
    network: `container:${names.database(candidate)}`,
    restart: "unless-stopped",
    stopSeconds: 1,
  });
}

/** Safe to repeat, and where there was none. */
export async function endSource(
  { engine, name }: Pick<Instance, "engine" | "name">,
  candidate: number,
): Promise<void> {
  await removeContainers(engine, labelsOf(name, "source", candidate));
}

/** What the proxy sees of a machine: folders that its users' files are in, to read. */
export function foldersFor(bareMetal: BareMetal | undefined): {
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly groups: readonly number[];
} {
  if (!bareMetal) return { environment: {}, mounts: [], groups: [] };
  const kinds = (["media", "static"] as const).flatMap((kind) => {
    const found = bareMetal[kind];
    return found ? [{ kind, ...found }] : [];
  });
  const variables = kinds.map(({ kind, rest }) => [`PROXY_${kind.toUpperCase()}`, rest || "."]);
  return {
    environment: { PROXY_BARE_METAL: "yes", ...Object.fromEntries(variables) },
    mounts: kinds.map(({ kind, base }) => ({ folder: base, path: places[kind], readOnly: true })),
    // As those who may read them, not as whoever owns what is beside them.
    groups: [...new Set(kinds.map(({ gid }) => gid))].filter((gid) => gid !== users.root),
  };
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
  for (const { number, image, bareMetal } of generations) {
    if (!bareMetal) continue;
    await endOffer(instance, number);
    await endStandIn(instance, { image, bareMetal }).catch((error: unknown) => {
      // Without the site's folder there is no place to leave.
      if (!/bind source path does not exist/.test(String(error))) throw error;
    });
  }
}
