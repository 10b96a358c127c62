import { createInterface } from "node:readline";
import { clientOf, connectEngine, type Engine } from "../../src/engine/connect.ts";
import { execute, openSession } from "../../src/engine/exec.ts";
import { label } from "../../src/engine/labels.ts";
import type { LedgerEntry, LookUp } from "./ledger.ts";

/** Everything there is of an instance, found by its label, as short names in order. */
export interface Traces {
  /** With how they are, and whether the engine would start them again. */
  readonly containers: readonly string[];
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
  /** Tags of BiomAid. */
  readonly images: readonly string[];
  readonly pointers: { readonly serving: string; readonly static: string };
  /** Replication slots of every database that runs. */
  readonly slots: readonly string[];
  /** Databases that run and refuse the application. */
  readonly fenced: readonly string[];
  /** Folders with something in them: slots of generations, of the gate, of replication. */
  readonly folders: readonly string[];
  /** What is kept of media. */
  readonly media: readonly string[];
}

export interface Kept {
  readonly serving: number;
  /** Generations that were left and are kept, stopped. */
  readonly others?: readonly number[];
  /** Slot folder of each generation. */
  readonly slots: Readonly<Record<number, number>>;
  readonly images: readonly string[];
  /** The one of them whose database runs, fenced, and follows what users write. */
  readonly following?: number;
}

/** What the retention policy keeps, and nothing else. */
export function tracesOf({ serving, others = [], slots, images, following }: Kept): Traces {
  const generations = [serving, ...others];
  const containers = generations.flatMap((generation) => {
    const how = (runs: boolean) => (runs ? "running, unless-stopped" : "exited, no");
    return [
      `g${generation}-app: ${how(generation === serving)}`,
      `g${generation}-db: ${how(generation === serving || generation === following)}`,
    ];
  });
  const volumes = generations.flatMap((number) =>
    ["config", "data", "dbsocket"].map((name) => `g${number}-${name}`),
  );
  const common = ["backups", "control", "gate", "media", "replication", "seen"];
  const slot = slots[serving];
  return {
    containers: [...containers, "proxy: running, unless-stopped"].toSorted(),
    volumes: [...volumes, ...common, ...[1, 2, 3, 4, 5, 6].map((n) => `slot-${n}`)].toSorted(),
    networks: [""],
    images: images.toSorted(),
    pointers: { serving: `../slot-${slot}`, static: `../slot-${slot}/static` },
    slots: following === undefined ? [] : [`g${serving}: updater_follow`],
    fenced: following === undefined ? [] : [`g${following}`],
    folders: [
      ...generations.map((number) => `replication/g${number}`),
      ...generations.map((number) => `slot-${slots[number]}`),
    ].toSorted(),
    media: [],
  };
}

/** What there is of an instance. */
export async function traces(instance: string): Promise<Traces> {
  const engine = await connectEngine();
  const filters = { label: [`${label.instance}=${instance}`] };
  const prefix = `biomaid-${instance}`;
  const short = (name = "") => name.replace(/^\//, "").replace(prefix, "").replace(/^-/, "");
  const [containers, { Volumes }, networks, images] = await Promise.all([
    clientOf(engine).listContainers({ all: true, filters }),
    clientOf(engine).listVolumes({ filters }),
    clientOf(engine).listNetworks({ filters }),
    clientOf(engine).listImages({ filters }),
  ]);
  const inspected = await Promise.all(
    containers.map(async ({ Id }) => await clientOf(engine).getContainer(Id).inspect()),
  );
  const databases = inspected
    .filter(({ Name, State }) => Name.endsWith("-db") && State.Running)
    .map(({ Name }) => short(Name).replace(/-db$/, ""));
  // Each program run in a container takes a tenth of a second: as few as will do.
  const inDatabases = await Promise.all(
    databases.map(async (name) => ({
      name,
      found: await sql<{ slot?: string; fence?: string }>(
        engine,
        `${prefix}-${name}-db`,
        `SELECT slot_name AS slot, NULL AS fence FROM pg_replication_slots
           UNION ALL SELECT NULL, rolname FROM pg_roles WHERE rolname = 'biomaid' AND NOT rolcanlogin`,
      ),
    })),
  );
  const [serving = "", staticFiles = "", ...slots] = await lines(
    engine,
    `${prefix}-proxy`,
    `cd /run/biomaid/control && readlink serving static && ${filled("slot-* gate*")}`,
  );
  return {
    containers: inspected
      .map(
        ({ Name, State, HostConfig }) =>
          // One that was copied with its site has never run.
          `${short(Name)}: ${State.Status.replace("created", "exited")}, ${HostConfig.RestartPolicy?.Name}`,
      )
      .toSorted(),
    volumes: (Volumes ?? []).map(({ Name }) => short(Name)).toSorted(),
    networks: networks.map(({ Name }) => short(Name)),
    images: images.map(({ Labels }) => Labels[label.tag] ?? "?").toSorted(),
    pointers: { serving, static: staticFiles },
    slots: inDatabases.flatMap(({ name, found }) =>
      found.flatMap(({ slot }) => (slot === undefined ? [] : [`${name}: ${slot}`])),
    ),
    fenced: inDatabases.flatMap(({ name, found }) =>
      found.flatMap(({ fence }) => (fence === undefined ? [] : [name])),
    ),
    folders: [
      ...slots,
      ...(databases[0]
        ? await lines(engine, `${prefix}-${databases[0]}-db`, filled("replication/*"))
        : []),
    ].toSorted(),
    media: await keptMedia(engine, `${prefix}-proxy`),
  };
}

/** Nobody but root may look there. */
async function keptMedia(engine: Engine, container: string): Promise<string[]> {
  const list = ["sh", "-c", "ls -A /srv/media/.updater 2>/dev/null"];
  const { stdout } = await execute(engine, container, list, { user: "0:0" });
  return stdout.split("\n").filter(Boolean);
}

/** Lists the folders of /run/biomaid that hold something; those of replication count even when empty. */
const filled = (pattern: string) =>
  `{ cd /run/biomaid && for d in ${pattern}; do case $d in replication/*) [ -e $d ];; *) [ -n "$(ls -A $d)" ];; esac && echo $d; done; true; }`;

async function lines(engine: Engine, container: string, command: string): Promise<string[]> {
  return (await print(engine, container, command)).split("\n").filter(Boolean);
}

async function print(engine: Engine, container: string, command: string): Promise<string> {
  const { status, stdout, stderr } = await execute(engine, container, ["sh", "-c", command]);
  if (status !== 0) throw new Error(`${command} in ${container}: ${stderr}`);
  return stdout.trimEnd();
}

/** Rows a database answers, as its superuser. */
async function sql<Row>(engine: Engine, container: string, query: string): Promise<Row[]> {
  const command = ["psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", "-d", "biomaid", "-c"];
  const asJson = `SELECT coalesce(json_strip_nulls(json_agg(row)), '[]') FROM (${query}) AS row`;
  const { status, stdout, stderr } = await execute(engine, container, [...command, asJson], {
    user: "postgres",
  });
  if (status !== 0) throw new Error(`${query} in ${container}: ${stderr}`);
  return JSON.parse(stdout) as Row[];
}

/** Rows the database of one generation answers, as its superuser; null values are left out of a row. */
export async function readRows<Row>(
  instance: string,
  generation: number,
  query: string,
): Promise<Row[]> {
  return await sql<Row>(await connectEngine(), databaseOf(instance, generation), query);
}

/** Runs statements in the database of one generation, as its superuser, each in a transaction of its own. */
export async function changeRows(
  instance: string,
  generation: number,
  statements: readonly string[],
): Promise<void> {
  const container = databaseOf(instance, generation);
  const argv = statements.flatMap((statement) => ["-c", statement]);
  const { status, stderr } = await execute(
    await connectEngine(),
    container,
    ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "biomaid", ...argv],
    { user: "postgres" },
  );
  if (status !== 0) throw new Error(`${container}: ${stderr}`);
}

/** Writes files into the media as the application of a generation does; their names hold nothing a shell reads. */
export async function writeMedia(
  instance: string,
  generation: number,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const engine = await connectEngine();
  for (const [file, content] of Object.entries(files)) {
    const path = `/srv/media/${file}`;
    const command = `mkdir -p $(dirname ${path}) && printf %s '${content}' >${path}`;
    await print(engine, `biomaid-${instance}-g${generation}-app`, command);
  }
}

/** Transactions a second that four writers get done who wait for nobody else. */
export async function throughput(
  instance: string,
  generation: number,
  seconds: number,
): Promise<number> {
  const script = "INSERT INTO dem_historique (demande, quand, detail) VALUES (1, now(), 'x');";
  const command = `echo "${script}" | /usr/lib/postgresql/15/bin/pgbench -n -c 4 -T ${seconds} -f - biomaid`;
  const { status, stdout, stderr } = await execute(
    await connectEngine(),
    databaseOf(instance, generation),
    ["sh", "-c", command],
    { user: "postgres" },
  );
  const rate = /tps = ([\d.]+)/.exec(stdout)?.[1];
  if (status !== 0 || rate === undefined) throw new Error(`pgbench: ${stderr}`);
  return Number(rate);
}

function databaseOf(instance: string, generation: number): string {
  return `biomaid-${instance}-g${generation}-db`;
}

/** A query for what users wrote: entries of the ledger, and forms whose text is a key. */
export const entriesOf = (prefix: string) =>
  `SELECT key, coalesce(encode(sha256(body), 'hex'), sha256) AS sha256
     FROM dem_ecriture WHERE starts_with(key, '${prefix}')
   UNION ALL SELECT libelle, NULL FROM dem_demande WHERE starts_with(libelle, '${prefix}')`;

/** Writes in the database of one generation. */
export function heldBy(instance: string, generation: number): LookUp {
  return async (prefix) =>
    await sql<LedgerEntry>(
      await connectEngine(),
      databaseOf(instance, generation),
      entriesOf(prefix),
    );
}

/** Number of the newest generation whose database runs: a candidate's while there is one. */
export async function newestGeneration(instance: string): Promise<number> {
  const of = [`${label.instance}=${instance}`, `${label.role}=database`];
  const client = clientOf(await connectEngine());
  const databases = await client.listContainers({ filters: { label: of } });
  return Math.max(...databases.map(({ Labels }) => Number(Labels[label.generation])));
}

/**
 * Opens a transaction in the newest database of an instance, which hinders nobody but whoever must
 * wait for all of them to end.
 * @param options.generation in the database of this one
 * @param options.statements what it does
 * @returns what ends it, with everything kept
 */
export async function openTransaction(
  instance: string,
  options: { readonly generation?: number; readonly statements?: readonly string[] } = {},
): Promise<() => Promise<void>> {
  const engine = await connectEngine();
  const { generation = await newestGeneration(instance), statements = [] } = options;
  const container = databaseOf(instance, generation);
  const command = ["psql", "-X", "-At", "-d", "biomaid"];
  const session = await openSession(engine, container, command, { user: "postgres" });
  const all = ["BEGIN", ...statements, "SELECT txid_current()", ""];
  session.stdin.write(all.join(";\n"));
  for await (const line of createInterface({ input: session.stdout })) {
    if (/^\d+$/.test(line)) break;
  }
  return async () => {
    session.stdin.end("COMMIT;\n");
    await session.ended;
  };
}
