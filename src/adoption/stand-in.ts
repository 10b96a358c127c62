import { lstat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Configuration } from "../config/configuration.ts";
import { UpdaterError } from "../errors.ts";
import type { BareMetal } from "../instance/state.ts";
import { lookAtCluster, socketOf } from "../postgres/foreign.ts";
import type { AdoptionObstacle } from "../text/catalogue.ts";
import { runAs, userOf } from "./as-user.ts";
import { changedByTheSite } from "./findings.ts";
import type { Inspection } from "./inspection.ts";
import { localHosts } from "./surroundings.ts";

/** The newest PostgreSQL from which data can be taken into the image's. */
const newestMajor = 15;

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
  { database }: Pick<Configuration, "database">,
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
  return { tag, bareMetal: { sources: found.application.sources, socket, database: cluster } };
}

const isObstacle = (part: unknown): part is AdoptionObstacle =>
  typeof part === "object" && part !== null && "obstacle" in part;

function tagOf(found: Inspection, asTagged: boolean): Part<string> {
  const tag = found.sources?.tags.at(-1);
  if (tag === undefined) return { obstacle: "untagged" };
  const files = changedByTheSite(found);
  return files.length > 0 && !asTagged ? { obstacle: "changed", files } : tag;
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
  const [major = 0, databases, kind] = stdout.trim().split(" ").map(Number);
  if (databases !== 1 || !kind) return { obstacle: "databaseMissing", name, role };
  if (kind === 2) return { obstacle: "superuser", role };
  if (major > newestMajor) return { obstacle: "newerPostgres", major, newest: newestMajor };
  return { folder, port, user: owner.id, group: status.gid };
}
