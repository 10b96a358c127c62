import { access, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { execa } from "execa";
import { messageOf, UpdaterError } from "../errors.ts";
import type { BareMetal } from "../instance/state.ts";
import { until } from "../lib/until.ts";
import type { Database } from "../postgres/connect.ts";

/** Milliseconds that a cluster may take to end and to start. */
const restartLimitMs = 120_000;

/** Milliseconds in which one listens that is being restarted by whoever has died over it, and one that runs or not. */
const againLimitMs = 20_000;
const lookLimitMs = 1_000;

/** The program with its arguments that restarts the machine's cluster; undefined where that is not known. */
export async function restartOf(machine: Database): Promise<readonly string[] | undefined> {
  const { rows } = await machine.query<{ pid: string; file: string }>(
    `SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1) AS pid, current_setting('config_file') AS file`,
  );
  const { pid, file } = rows[0]!;
  if (await hasSystemd()) {
    const groups = await readFile(`/proc/${pid}/cgroup`, "utf8").catch(() => "");
    // Named after the unit, with what it would escape.
    const unit = /\/([^/\n]*(?:postgres|pgsql)[^/\n]*\.service)$/m.exec(groups)?.[1];
    if (unit !== undefined) return ["systemctl", "restart", unit.replaceAll(String.raw`\x2d`, "-")];
  }
  const [, version, name] = /^\/etc\/postgresql\/([^/]+)\/([^/]+)\//.exec(file) ?? [];
  if (version === undefined || name === undefined || !(await mayStart())) return undefined;
  return ["pg_ctlcluster", version, name, "restart"];
}

const hasSystemd = async () =>
  await access("/run/systemd/system").then(
    () => true,
    () => false,
  );

/** What we start ourselves in an operator's container would end with it; systemd starts it elsewhere. */
const mayStart = async () => process.env["UPDATER_OPERATOR"] === undefined || (await hasSystemd());

/** Not to be interrupted: a cluster that has ended must start. */
export async function restartCluster([program = "", ...argv]: readonly string[]): Promise<void> {
  // The server would keep what it is given as its output open for as long as it runs.
  const options = { stdin: "ignore", stdout: "ignore", stderr: "ignore" } as const;
  await execa(program, argv, { ...options, timeout: restartLimitMs });
}

/**
 * Sees to it that the machine's cluster runs, should a restart of it have been cut off, or not have come back.
 * @param options.ended nobody restarts it any more
 * @throws UpdaterError `machineDatabaseDown`
 */
export async function ensureCluster(
  bareMetal: BareMetal | undefined,
  { ended = false }: { readonly ended?: boolean } = {},
): Promise<void> {
  if (!bareMetal || (await listens(bareMetal, ended ? lookLimitMs : againLimitMs))) return;
  const { port } = bareMetal.database;
  try {
    const there = await clusterAt(port);
    if (!there || !(await mayStart())) throw new Error(`port ${port}`);
    const start = ["pg_ctlcluster", there.version, there.name, "start"];
    await restartCluster(start).catch(async () => {
      await withoutOurs(there.folder, bareMetal);
      await restartCluster(start);
    });
    if (!(await listens(bareMetal, againLimitMs))) throw new Error(start.join(" "));
  } catch (cause) {
    throw new UpdaterError("machineDatabaseDown", { port, reason: messageOf(cause) }, cause);
  }
}

async function listens(
  { database: { folder, port } }: BareMetal,
  limitMs: number,
): Promise<boolean> {
  const path = `${folder}/.s.PGSQL.${port}`;
  const connects = async () =>
    await new Promise<boolean>((resolve) => {
      const socket = connect(path, () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
  let late = false;
  const otherwise = () => void (late = true);
  await until(connects, { intervalMs: 100, limitMs, otherwise });
  return !late;
}

/** A cluster that Debian's tools know. */
async function clusterAt(port: number) {
  const { stdout } = await execa("pg_lsclusters", ["--no-header"]);
  const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  const found = rows.find((row) => row[2] === String(port));
  const [version, name, , , , folder] = found ?? [];
  return version !== undefined && name !== undefined && folder !== undefined
    ? { version, name, folder }
    : undefined;
}

/** Which database a slot is of, 0 where it is none's: bytes 80 to 83 of its state, in any version. */
const databasesOfSlots =
  'for one in "$1"/pg_replslot/*/state; do [ ! -f "$one" ] || od -An -tu4 -j80 -N4 "$one"; done';

/**
 * Removes what ALTER SYSTEM has set for a copy, of a server that does not start, as the user to whom it belongs. One that has a
 * logical slot starts with a logical log alone, and with room for its slots.
 */
async function withoutOurs(folder: string, { database }: BareMetal): Promise<void> {
  const ids = { uid: database.user, gid: database.group };
  const file = `${folder}/postgresql.auto.conf`;
  const { stdout } = await execa("sh", ["-euc", databasesOfSlots, "slots", folder], ids);
  const hasLogical = stdout.split("\n").some((one) => Number(one) > 0);
  const ours = hasLogical
    ? "wal_level|max_wal_senders"
    : "wal_level|max_replication_slots|max_wal_senders";
  await execa("sed", ["-i", "-E", `/^(${ours}) = /d`, file], ids);
  if (!hasLogical) return;
  await execa("sh", ["-euc", `echo "wal_level = 'logical'" >>"$1"`, "append", file], ids);
}
