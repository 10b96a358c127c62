import { escapeIdentifier } from "pg";
import { Wait } from "testcontainers";
import { connectEngine } from "../../src/engine/connect.ts";
import { label } from "../../src/engine/labels.ts";
import { ensureOwnImage } from "../../src/build/own-images.ts";
import { connectDatabase, type Database } from "../../src/postgres/connect.ts";
import { TestContainer } from "./container.ts";

/** The updater's own PostgreSQL, in memory, without anything else around it. */
export interface Postgres {
  readonly container: string;
  /** Creates a database, empty or like another one to which nobody is connected, and connects to it. */
  create(name: string, like?: string): Promise<Database>;
  connect(name: string): Promise<Database>;
  drop(name: string): Promise<void>;
  remove(): Promise<void>;
}

/**
 * @param options.like what the image becomes first
 * @param options.places more folders that are the server's
 * @param options.firstOid the number from which on what is made in it has one
 */
export async function startPostgres({
  like = (image) => Promise.resolve(image),
  places = [],
  firstOid,
}: {
  readonly like?: (image: string) => Promise<string>;
  readonly places?: readonly string[];
  readonly firstOid?: number;
} = {}): Promise<Postgres> {
  const engine = await connectEngine();
  const proxies = Object.fromEntries(
    ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].flatMap((name) => {
      const value = process.env[name] ?? process.env[name.toLowerCase()];
      return value ? [[name, value]] : [];
    }),
  );
  const image = await ensureOwnImage(
    engine,
    "database",
    { caBundle: undefined, proxies },
    { event: () => undefined },
  );
  const labels = { [label.role]: "database", "biomaid-updater.test": "database" };
  const container = await new TestContainer(await like(image), labels)
    .withEnvironment({
      GENERATION: "1",
      DATABASE_NAME: "biomaid",
      DATABASE_ROLE: "biomaid",
      ...(firstOid !== undefined && { FIRST_OID: String(firstOid) }),
    })
    .withNetworkMode("none")
    .withReadonlyRoot()
    .withTmpFs(
      Object.fromEntries(
        [
          "/tmp",
          "/run/postgresql",
          "/run/biomaid/db",
          "/run/biomaid/replication",
          "/var/lib/postgresql/data",
          ...places,
        ].map((path) => [path, "uid=10004,gid=10004,mode=0755"]),
      ),
    )
    .withSharedMemorySize(256 * 1024 * 1024)
    .withWaitStrategy(Wait.forSuccessfulCommand("pg_isready --quiet"))
    .start();
  const open: Database[] = [];
  const connect = async (name: string): Promise<Database> => {
    const database = await connectDatabase(engine, container.getId(), {
      database: name,
      statementLimit: 600_000,
    });
    open.push(database);
    return database;
  };
  const remove = async (): Promise<void> => {
    await Promise.all(open.map(async (database) => await database.end().catch(() => undefined)));
    await container.stop();
  };
  try {
    const control = await connect("postgres");
    return {
      container: container.getId(),
      connect,
      remove,
      drop: async (name) => {
        await control.query(`DROP DATABASE ${escapeIdentifier(name)} WITH (FORCE)`);
      },
      create: async (name, like) => {
        const template = like === undefined ? "" : ` TEMPLATE ${escapeIdentifier(like)}`;
        await control.query(`CREATE DATABASE ${escapeIdentifier(name)}${template}`);
        return await connect(name);
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
