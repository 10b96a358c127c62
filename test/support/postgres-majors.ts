import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { sqlForSite } from "../../src/backup/plain-sql.ts";
import { connectEngine } from "../../src/engine/connect.ts";
import { execute, openSession } from "../../src/engine/exec.ts";
import type { Database } from "../../src/postgres/connect.ts";
import { connectForeign } from "../../src/postgres/foreign.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import { testImage } from "./test-image.ts";

/** Releases of Debian and of Ubuntu that have a major version of PostgreSQL which Debian 12 has not. */
const releases = {
  12: { of: "ubuntu", name: "focal" },
  13: { of: "debian", name: "bullseye" },
  14: { of: "ubuntu", name: "jammy" },
  16: { of: "ubuntu", name: "noble" },
  17: { of: "debian", name: "trixie" },
} as const;

export type Major = keyof typeof releases;

/** Where Debian 12's own packages come from, there are those of other releases. */
const mirrors = {
  debian: `$(grep -rhoE 'https?://[^ ]+/debian/? ' /etc/apt/sources.list /etc/apt/sources.list.d | head -n 1)`,
  ubuntu: process.env["UBUNTU_MIRROR"],
};

const isThere = (major: Major) => mirrors[releases[major].of] !== undefined;
const all = [12, 13, 14, 16, 17] as const;

/** Major versions whose packages can be had, and the others: Ubuntu's, where `UBUNTU_MIRROR` does not say from where. */
export const majors = all.filter((major) => isThere(major));
export const missingMajors = all.filter((major) => !isThere(major));

/** Lines of a Dockerfile's RUN, from a Debian 12: what else is installed should be by then, or it comes from there, too. */
export function installMajor(major: Major): string {
  const { of, name } = releases[major];
  const mirror = mirrors[of];
  if (mirror === undefined) throw new Error(`UBUNTU_MIRROR says where PostgreSQL ${major} is`);
  // Keys of other distributions are not there, and nothing but tests runs these servers.
  return `echo "deb [trusted=yes] ${mirror} ${name} main" >/etc/apt/sources.list.d/other.list \\
 && apt-get update -qq \\
 && apt-get install -qq -y --no-install-recommends postgresql-${major} >/dev/null \\
 && rm -rf /var/lib/apt/lists/*`;
}

const dockerfile = (image: string, major: Major) => `FROM ${image}
USER root
RUN --mount=type=bind,source=ca-bundle.crt,target=/etc/ssl/certs/ca-certificates.crt \\
    ${installMajor(major)}
USER 10004:10004
`;

/** Our PostgreSQL, and beside it, in the same container, a server of another major version. */
export interface TwoMajors extends Pick<Postgres, "create" | "remove"> {
  /** A session with a database of the other one; `postgres` is its superuser. */
  other(database: string, user?: "postgres" | "biomaid"): Promise<Database>;
  /** Lets the other one's data come to ours, by pg_dump: of its own version where ours refuses it. */
  dump(database: string): Promise<string>;
  /** Gives ours what pg_dump has written, as a site's database is given it. */
  load(database: string, sql: string): Promise<void>;
}

export async function startTwoMajors(major: Major): Promise<TwoMajors> {
  const like = async (image: string) => await testImage("two-majors", dockerfile(image, major));
  const postgres = await startPostgres({
    like,
    places: ["/other"],
    firstOid: 10_000_000,
  });
  const { container } = postgres;
  const engine = await connectEngine();
  const run = async (script: string, ...given: string[]) => {
    const command = ["bash", "-euo", "pipefail", "-c", script, "run", ...given];
    const { status, stdout, stderr } = await execute(engine, container, command);
    if (status !== 0) throw new Error(stderr || stdout);
    return stdout;
  };
  const open: Database[] = [];
  try {
    const bin = `/usr/lib/postgresql/${major}/bin`;
    await run(`
      ${bin}/initdb --pgdata=/other/data --username=postgres --encoding=UTF8 --locale=C.UTF-8 --auth=peer
      ${bin}/pg_ctl --pgdata=/other/data --wait --log=/other/log start \\
        --options="-c listen_addresses= -c unix_socket_directories=/other"`);
    return {
      create: async (name) => await postgres.create(name),
      async other(database, user = "postgres") {
        const connect = ["socat", "-", "UNIX-CONNECT:/other/.s.PGSQL.5432"];
        const over = await openSession(engine, container, connect, { user });
        const address = { host: "/other", port: 5432, database, user, password: "" };
        open.push(await connectForeign(address, 60_000, over));
        return open.at(-1)!;
      },
      dump: async (database) =>
        await run(
          `${major > 15 ? bin : "/usr/lib/postgresql/15/bin"}/pg_dump --host=/other --no-owner --no-privileges --dbname="$1"`,
          database,
        ),
      async load(database, sql) {
        const program = ["psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", database];
        const session = await openSession(engine, container, program);
        const said: string[] = [];
        for (const output of [session.stdout, session.stderr]) {
          output.on("data", (text) => said.push(String(text)));
        }
        const leftOut = { roles: new Set<string>(), settings: new Set<string>() };
        const whole = Readable.from([Buffer.from(sql)]);
        const breaksOff = () => new Error("the dump breaks off");
        await pipeline(sqlForSite(whole, leftOut, breaksOff), session.stdin);
        if ((await session.ended) !== 0) throw new Error(said.join(""));
      },
      async remove() {
        await Promise.all(
          open.map(async (database) => await database.end().catch(() => undefined)),
        );
        await postgres.remove();
      },
    };
  } catch (error) {
    await postgres.remove();
    throw error;
  }
}
