import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { BareMetal } from "../../../src/instance/state.ts";
import { ensureCluster } from "../../../src/move-in/machine-cluster.ts";

const port = 5477;

let folder: string;
let auto: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cluster-"));
  auto = join(folder, "postgresql.auto.conf");
  await writeFile(auto, "work_mem = '8MB'\nmax_replication_slots = '12'\nmax_wal_senders = '13'\n");
  await program("pg_lsclusters", `echo "15 main ${port} down postgres ${folder} log"`);
  const listens = `require("net").createServer(() => setTimeout(process.exit, 50)).listen(process.argv[1])`;
  // Fails at once, and starts once it was tried before.
  await program(
    "pg_ctlcluster",
    `[ -e ${folder}/tried ] || { touch ${folder}/tried; exit 1; }
     ${process.execPath} -e '${listens}' ${folder}/.s.PGSQL.${port} &`,
  );
  vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
  vi.stubEnv("UPDATER_OPERATOR", undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function program(name: string, script: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
}

/** A slot as PostgreSQL keeps it: that of a standby is of no database. */
async function makeSlot(name: string, database: number): Promise<void> {
  const state = Buffer.alloc(200);
  state.write(name, 16);
  state.writeUInt32LE(database, 80);
  await mkdir(join(folder, "pg_replslot", name), { recursive: true });
  await writeFile(join(folder, "pg_replslot", name, "state"), state);
}

const ensured = async () => {
  const database = { folder, port, user: process.getuid!(), group: process.getgid!() };
  await ensureCluster({ database } as BareMetal, { ended: true });
  return await readFile(auto, "utf8");
};

test("a cluster that does not start has what was set for a copy no more", async () => {
  await makeSlot("standby", 0);

  expect(await ensured()).toBe("work_mem = '8MB'\n");
});

test("one that has a logical slot starts with the log and the room that it needs", async () => {
  await makeSlot("standby", 0);
  await makeSlot("updater_move_site", 16384);

  expect(await ensured()).toBe(
    "work_mem = '8MB'\nmax_replication_slots = '12'\nwal_level = 'logical'\n",
  );
});
