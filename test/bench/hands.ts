import { loadConfiguration } from "../../src/config/load.ts";
import { connectEngine } from "../../src/engine/connect.ts";
import {
  resumeContainer,
  startContainer,
  stopContainer,
  runToEnd,
} from "../../src/engine/containers.ts";
import { execute, openSession, type Session } from "../../src/engine/exec.ts";
import { labelsOf } from "../../src/engine/labels.ts";
import { withInstanceLock } from "../../src/instance/instance-lock.ts";
import { waitForDatabase } from "../../src/instance/database-ready.ts";
import { type Instance, instanceOf } from "../../src/instance/instance.ts";
import { paths } from "../../src/instance/names.ts";
import { type Generation, generationOf } from "../../src/instance/state.ts";
import { readInstance } from "../../src/instance/read-instance.ts";
import { pointAt, pointers } from "../../src/proxy/pointer.ts";

/** A sysadmin's hands on one instance, beside its updater. */
export interface Hands {
  /** The generation that serves, and the one a rollback has left, of the newer release. */
  readonly old: Generation;
  readonly young: Generation;
  readonly stopApplication: (generation: Generation) => Promise<void>;
  readonly startApplication: (generation: Generation) => Promise<void>;
  readonly stopDatabase: (generation: Generation) => Promise<void>;
  readonly startDatabase: (generation: Generation) => Promise<void>;
  /** Copies a stopped database over another, byte for byte. */
  readonly copyDatabase: (from: Generation, to: Generation) => Promise<void>;
  /** A place where programs of one generation run with the database of another. */
  environment(code: Generation, database: Generation): Promise<ManualEnvironment>;
  /** Sends users to a generation. */
  pointTo(generation: Generation): Promise<void>;
  /** Bytes of the serving database. */
  databaseSize(): Promise<number>;
}

interface ManualEnvironment {
  manage(...argv: readonly string[]): Promise<void>;
  /** Starts the application; it runs until the environment's container is removed. */
  serve(): Promise<Session>;
}

const silent = { event: () => undefined };

export async function handsOn(configuration: string): Promise<Hands> {
  const engine = await connectEngine();
  const instance = instanceOf(await loadConfiguration(configuration), engine, silent);
  const { names, name } = instance;
  const { state, serving } = await readInstance(engine, name);
  const left = state.generations.find(({ abandoned }) => abandoned);
  if (!serving || !left) throw new Error("this takes a site that was swapped and rolled back");
  const young = generationOf(state, left.number);
  return {
    old: serving,
    young,
    stopApplication: async ({ number }) =>
      await stopContainer(engine, names.application(number), 25),
    startApplication: async ({ number }) =>
      await resumeContainer(engine, names.application(number)),
    stopDatabase: async ({ number }) => await stopContainer(engine, names.database(number), 120),
    async startDatabase({ number }) {
      await resumeContainer(engine, names.database(number));
      await waitForDatabase(instance, number, AbortSignal.timeout(600_000));
    },
    async copyDatabase(from, to) {
      await copyVolume(instance, from, to);
    },
    environment: async (code, database) => await environmentOf(instance, code, database),
    async pointTo({ slot }) {
      const lock = { instance: name, image: state.proxyImage, operation: "bench" };
      await withInstanceLock(engine, lock, async ({ shell }) => {
        await pointAt(shell, pointers.static, `../slot-${slot}/static`);
        await pointAt(shell, pointers.serving, `../slot-${slot}`);
      });
    },
    async databaseSize() {
      const size = "SELECT pg_database_size(current_database())";
      const psql = ["psql", "--username=postgres", `--dbname=biomaid`, "-Atc", size];
      const { stdout } = await execute(engine, names.database(serving.number), psql);
      return Number(stdout);
    },
  };
}

async function copyVolume(
  { engine, names, name }: Instance,
  from: Generation,
  to: Generation,
): Promise<void> {
  await runToEnd(engine, {
    name: `biomaid-${name}-copier`,
    image: from.databaseImage,
    labels: labelsOf(name, "scratch"),
    entrypoint: ["sh", "-c", "rm -rf /to/cluster && cp -a /from/cluster /to/ && sync /to"],
    mounts: [
      { volume: names.data(from.number), path: "/from" },
      { volume: names.data(to.number), path: "/to" },
    ],
  });
}

async function environmentOf(
  { engine, names, name, configuration }: Instance,
  code: Generation,
  database: Generation,
): Promise<ManualEnvironment> {
  const container = `biomaid-${name}-by-hand-${code.number}-${database.number}`;
  await startContainer(engine, {
    name: container,
    image: code.image,
    labels: labelsOf(name, "scratch"),
    entrypoint: ["sleep", "infinity"],
    environment: { SLOT: paths.slot(code.slot), WORKERS: String(configuration.site.workers) },
    mounts: [
      { volume: names.slot(code.slot), path: paths.slot(code.slot) },
      { volume: names.databaseSocket(database.number), path: paths.databaseSocket, readOnly: true },
      { volume: names.configuration(code.number), path: paths.configuration, readOnly: true },
      { volume: names.media, path: paths.media },
      { volume: names.backups, path: paths.backups },
    ],
    tmpfs: {
      "/tmp": "mode=1777",
      "/run/app": "uid=10001,gid=10001,mode=0700",
      "/var/tmp/django_cache": "uid=10001,gid=10001,mode=0700",
    },
    network: names.network,
  });
  return {
    async manage(...argv) {
      const { status, stderr } = await execute(engine, container, ["python", "manage.py", ...argv]);
      if (status !== 0)
        throw new Error(`manage.py ${argv[0]} ended with ${status}: ${stderr.slice(-2000)}`);
    },
    serve: async () =>
      await openSession(engine, container, [
        "/venv/bin/python",
        "/opt/updater/launcher.py",
        "serve",
      ]),
  };
}
