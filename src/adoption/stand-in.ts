import { lstat, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Configuration } from "../config/configuration.ts";
import { UpdaterError } from "../errors.ts";
import type { Engine } from "../engine/connect.ts";
import type { Instance } from "../instance/instance.ts";
import type { BareMetal, Generation, MachineFolder, State } from "../instance/state.ts";
import { imageMajor, lookAtCluster, socketOf, sourceMajors } from "../postgres/foreign.ts";
import { users } from "../instance/users.ts";
import { findMedia } from "../steps/bring-media.ts";
import type { AdoptionObstacle, FilesAsked, MoveObstacle } from "../text/catalogue.ts";
import { runAs, userOf } from "../move-in/as-user.ts";
import { trusted } from "../move-in/pg-dump.ts";
import { changedByTheSite } from "./findings.ts";
import { frontsAsking } from "./inspect.ts";
import type { Inspection } from "./inspection.ts";
import type { Front } from "./nginx.ts";
import { localHosts } from "./surroundings.ts";

/** Milliseconds that the machine's database may take to answer. */
const limitMs = 20_000;

/** A site that was installed by hand, as the updater's first generation. */
export interface StandIn {
  readonly tag: string;
  readonly bareMetal: BareMetal;
}

type Part<Value> = Value | AdoptionObstacle;

/**
 * What it takes to stand in front of a site.
 * @param options.asTagged what the site has changed in BiomAid's files stays behind
 * @throws UpdaterError `adoptUnfit` with all that keeps the updater from it
 */
export async function planStandIn(
  found: Inspection,
  { engine, configuration: { database } }: Pick<Instance, "engine" | "configuration">,
  { asTagged, signal }: { readonly asTagged: boolean; readonly signal: AbortSignal },
): Promise<StandIn> {
  const tag = tagOf(found, asTagged);
  const socket = await socketIn(found);
  const cluster = await clusterOf(found, database, signal);
  const obstacles = [tag, socket, cluster].filter((part) => isObstacle(part));
  if (isObstacle(tag) || isObstacle(socket) || isObstacle(cluster)) {
    const { sources: folder } = found.application;
    throw new UpdaterError("adoptUnfit", { folder, obstacles });
  }
  const { sources } = found.application;
  const { service } = found;
  const media = await folderAt(engine, found.site.media?.path, { sources, socket });
  const files = await folderAt(engine, found.site.static ?? undefined, { sources, socket });
  const bareMetal = {
    sources,
    socket,
    database: cluster,
    ...(service.kind !== "nothing" && { service: { kind: service.kind, name: service.name } }),
    ...(media && { media }),
    ...(files && { static: files }),
  };
  return { tag, bareMetal };
}

/** A folder that the site's settings name: as the site's own user, for they may name any. */
async function folderAt(
  engine: Engine,
  path: string | undefined,
  { sources, socket: { user: uid, group: gid } }: Pick<BareMetal, "sources" | "socket">,
): Promise<MachineFolder | undefined> {
  // One that holds the sources has passwords in it.
  if (path === undefined || !relative(path, sources).startsWith("..")) return undefined;
  const found = await findMedia(engine, path).catch(() => undefined);
  return found && { folder: found.folder, base: found.base, rest: found.rest, uid, gid };
}

/**
 * What keeps a site from being moved that the updater stands in front of.
 * @throws UpdaterError `moveUnfit` with all of it, `adoptChanged` where it is not as it was when the updater came
 */
export async function refuseUnmovable(
  found: Inspection,
  instance: Pick<Instance, "engine" | "configuration" | "name">,
  { bareMetal }: Pick<Generation, "bareMetal">,
  signal: AbortSignal,
): Promise<void> {
  const { sources: folder } = found.application;
  const now = await planStandIn(found, instance, { asTagged: true, signal });
  if (!isDeepStrictEqual(now.bareMetal, bareMetal)) {
    throw new UpdaterError("adoptChanged", { instance: instance.name, folder });
  }
  const { folder: socketFolder, name } = now.bareMetal.socket;
  const socket = join(socketFolder, name);
  const served = found.fronts.map(async (front) => {
    const besides = await Promise.all(
      front.folders.map(async (one) => await servedBeside(found, front, one)),
    );
    const { file } = front;
    return besides
      .flat()
      .map((one) => ({ obstacle: "servedBeside", file, socket, ...one }) as const);
  });
  const { media } = found.site;
  const unknown = found.frontUnknown;
  const { database } = found;
  const major = database && "version" in database ? Number.parseInt(database.version, 10) : 0;
  const obstacles: MoveObstacle[] = [
    // A place may be written more than once, as in a server of its own for TLS.
    ...uniqueOf((await Promise.all(served)).flat()),
    // An empty one, too: what users send afterwards could not go back.
    ...(media && !now.bareMetal.media
      ? [{ obstacle: "mediaLeft", path: media.path } as const]
      : []),
    ...(major > 0 && major < sourceMajors.oldest
      ? [{ obstacle: "olderPostgres", major, least: sourceMajors.oldest } as const]
      : []),
    ...(unknown === undefined ? [] : [{ obstacle: "frontUnknown", reason: unknown } as const]),
  ];
  if (obstacles.length > 0) throw new UpdaterError("moveUnfit", { folder, obstacles });
}

/**
 * Where nginx asks the site for static files and media, as it is to do before a move, and the folders they are in: gunicorn alone
 * does not serve them.
 */
export async function filesAsked(
  { generations }: Pick<State, "generations">,
  signal: AbortSignal,
): Promise<readonly FilesAsked[]> {
  const bare = generations.find(({ bareMetal: one }) => one)?.bareMetal;
  if (!bare) return [];
  const folders = { "/static": bare.static?.folder, "/media": bare.media?.folder };
  const { fronts } = await frontsAsking(join(bare.socket.folder, bare.socket.name), signal);
  return uniqueOf(
    fronts.flatMap(({ file, asks }) => {
      const asked = asks.map(placeOf);
      return Object.entries(folders).flatMap(([at, folder]) =>
        folder !== undefined && asked.includes(at) ? { file, at, folder } : [],
      );
    }),
  );
}

/** `^~ /media/` is `/media`. */
const placeOf = (location: string) => location.replace(/^\^~ /, "").replace(/(?<=.)\/$/, "");

const uniqueOf = <Value>(values: readonly Value[]): readonly Value[] =>
  values.filter(
    (value, index) => values.findIndex((one) => isDeepStrictEqual(one, value)) === index,
  );

const isObstacle = (part: unknown): part is AdoptionObstacle =>
  typeof part === "object" && part !== null && "obstacle" in part;

function tagOf(found: Inspection, asTagged: boolean): Part<string> {
  const tag = found.sources?.tags.at(-1);
  if (tag === undefined) return { obstacle: "untagged" };
  const files = changedByTheSite(found);
  return files.length > 0 && !asTagged ? { obstacle: "changed", files } : tag;
}

/**
 * Where nginx serves media or static files from a folder where nothing new would come: a place with a folder of its own, or, at
 * the root of all, a folder that has some of that name, where nginx asks only for what it does not find there.
 */
async function servedBeside(
  { site }: Inspection,
  { asks }: Front,
  { at, folder }: Front["folders"][number],
): Promise<readonly { readonly at: string; readonly folder: string }[]> {
  const real = await realpath(folder).catch(() => folder);
  const own = [site.media?.path, site.static].filter((one) => typeof one === "string");
  const within = (one: string, other: string) => !relative(other, one).startsWith("..");
  if (at !== "/") {
    return own.some((one) => within(one, real) || within(real, one)) ? [{ at, folder }] : [];
  }
  const asked = asks.map(placeOf);
  return own
    .map((one) => ({ at: `/${relative(real, one)}`, folder: one }))
    .filter((one) => ["/media", "/static"].includes(one.at) && !asked.includes(one.at));
}

/** Only a socket can be exchanged without a word to nginx. */
async function socketIn({ application, user }: Inspection): Promise<Part<BareMetal["socket"]>> {
  const [bind, ...others] = application.binds;
  if (bind?.kind !== "socket" || others.length > 0) return { obstacle: "noSocket" };
  const { path } = bind;
  if (isVolatile(path)) return { obstacle: "volatileSocket", path };
  const status = await lstat(path).catch(() => undefined);
  if (!status?.isSocket()) return { obstacle: "socketGone", path };
  // What has its place taken is given more names, which only its owner may.
  if (status.uid !== user.id) return { obstacle: "foreignSocket", path };
  if (user.id === users.root) return { obstacle: "rootRuns" };
  return { folder: dirname(path), name: basename(path), user: user.id, group: status.gid };
}

/** A service's folder there goes with the service, and comes back as another one; that of all clusters stays. */
const isVolatile = (path: string) => /^(\/var)?\/run\/(?!postgresql\/)/.test(path);

/** The cluster's own socket, on which it lets in whom it belongs to. */
async function clusterOf(
  { site }: Inspection,
  { name, role }: Configuration["database"],
  signal: AbortSignal,
): Promise<Part<BareMetal["database"]>> {
  const own = site.settings?.DATABASES["default"];
  if (!own || !/postgresql/.test(own.ENGINE)) return { obstacle: "notPostgres" };
  const port = Number(own.PORT) || 5432;
  const host = localHosts.test(own.HOST) ? "" : own.HOST;
  const path = socketOf({ ...own, host, port, database: own.NAME, user: own.USER, password: "" });
  if (path === undefined) return { obstacle: "databaseElsewhere", host };
  if (isVolatile(path)) return { obstacle: "volatileSocket", path };
  if (own.NAME !== name || own.USER !== role) {
    return { obstacle: "otherDatabase", name: own.NAME, role: own.USER };
  }
  const status = await lstat(path).catch(() => undefined);
  if (!status?.isSocket()) return { obstacle: "socketGone", path };
  const owner = await userOf(status.uid);
  const folder = dirname(path);
  const looks = lookAtCluster(name, role);
  const options = [
    "-wXAtqF",
    " ",
    "-U",
    "postgres",
    "-h",
    folder,
    "-p",
    String(port),
    "-d",
    "postgres",
    "-c",
    looks,
  ];
  const place = { folder: "/", limitMs, signal };
  const { done, stdout, complaint } = await runAs(owner, ["psql", ...options], place);
  if (!done) return { obstacle: "databaseClosed", owner: owner.name, reason: complaint };
  const [version, databases, kind, ...programs] = stdout.trim().split(" ");
  const major = Number(version);
  if (databases !== "1" || !kind) return { obstacle: "databaseMissing", name, role };
  if (kind === "2") return { obstacle: "superuser", role };
  const { newest } = sourceMajors;
  if (major > newest) return { obstacle: "newerPostgres", major, newest };
  const dump = join(programs.join(" "), "pg_dump");
  if (major > imageMajor && (await trusted(dump)) === undefined) {
    return { obstacle: "noPgDump", major, path: dump };
  }
  // The way back has its socket there.
  const { mode, gid } = await stat(folder);
  const isOpen = (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid === status.gid);
  if (!isOpen) return { obstacle: "databaseFolder", folder };
  return { folder, port, user: owner.id, group: status.gid };
}
