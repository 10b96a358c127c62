import { once } from "node:events";
import { chmod, mkdir, rm, rmdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSite, type Site } from "../support/site.ts";
import { type BadInput, foreign, reactionTo, refusal } from "./bad-input.refusal.ts";

/** Nothing of it is on the engine, and nothing of it may come to be. */
let site: Site;
beforeAll(async () => void (site = await createSite("int-bad-init")));
afterAll(async () => await site.remove());

const inFolder = (name: string) => join(site.folder, name);

function refused(title: string, given: BadInput | (() => BadInput)): void {
  test(`refused: ${title}`, async () => {
    const input = typeof given === "function" ? given() : given;
    expect(await reactionTo(input, site)).toEqual(refusal(input));
  });
}

describe("the engine", () => {
  refused("an engine that is down", {
    argv: ["init", "0.8.0"],
    environment: { DOCKER_HOST: "unix:///nonexistent/docker.sock" },
    refusal: "engineUnreachable",
    exit: 1,
    mentions: ["/nonexistent/docker.sock", "systemctl start docker"],
  });

  describe("and something else listens", () => {
    const old = createServer((_, response) => {
      response.setHeader("Content-Type", "application/json").end('{"ApiVersion":"1.40"}');
    });
    const port = () => (old.address() as AddressInfo).port;
    beforeAll(async () => void (await once(old.listen(0, "127.0.0.1"), "listening")));
    afterAll(() => void old.close());

    refused("an engine older than any the updater is tested with", () => ({
      argv: ["init", "0.8.0"],
      environment: { DOCKER_HOST: `tcp://127.0.0.1:${port()}` },
      refusal: "engineTooOld",
      exit: 1,
      mentions: ["1.40", "1.41"],
    }));
    refused("a port that is taken", () => ({
      argv: ["init", "0.8.0"],
      tables: { listen: `address = "127.0.0.1"\nport = ${port()}` },
      refusal: "portTaken",
      exit: 1,
      mentions: [`127.0.0.1:${port()}`, "updater.toml"],
    }));
  });

  for (const [kind, name] of [
    ["volume", "media"],
    ["volume", "g1-data"],
    ["container", "proxy"],
    ["network", ""],
  ] as const) {
    const object = ["biomaid-int-bad-init", name].filter(Boolean).join("-");
    const capital = { volume: "Volume", container: "Container", network: "Network" } as const;
    refused(`a ${kind} named ${object} that is somebody else's`, {
      argv: ["init", "0.8.0"],
      circumstances: async () => await foreign(kind, object),
      refusal: `foreign${capital[kind]}`,
      exit: 1,
      mentions: [object, `docker ${kind === "container" ? "" : `${kind} `}inspect ${object}`],
    });
  }
});

describe("a dump", () => {
  const begin = "--\n-- PostgreSQL database dump\n--\n";
  const end = "--\n-- PostgreSQL database dump complete\n--\n";
  const sql = `${begin}INSERT INTO nothing VALUES (1);\n${end}`;
  // As pg_dump begins; psql says something of it.
  const rows = `${begin}SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.t (a text);\nCOPY public.t (a) FROM stdin;\n${"a row\n".repeat(99_999)}`;
  const letter = Buffer.from("Bonjour,\nvoici la sauvegarde.\n");
  const archive = Buffer.from("PGDMP\u0001\u000e\0\u0004\b\u0001");
  const dump = (
    name: string,
    content: Buffer,
    refusal: "notADump" | "dumpBreaksOff" | "dumpRefused" | "dumpUnreadable" | "dumpUnsuitable",
    advice: readonly string[] = [],
  ) =>
    refused(name, {
      argv: ["init", "0.8.0", "--from-dump", name],
      circumstances: async () => await writeFile(inFolder(name), content).then(() => () => {}),
      refusal,
      exit: 1,
      mentions: [name, ...advice],
    });

  dump("empty.dump", Buffer.alloc(0), "notADump");
  dump("letter.json", letter, "notADump");
  dump("letter.sql.gz", gzipSync(letter), "notADump");
  dump("picture.dump", Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), "notADump");
  dump("broken-off.json.gz", Buffer.from([0x1f, 0x8b, 8, 0, 0]), "notADump");

  dump("archive-broken-off.dump", archive, "dumpRefused");
  dump("broken-off.json", Buffer.from('[{"model": "common.user", "fie'), "dumpRefused");
  dump("broken-off.sql.gz", gzipSync(sql.repeat(99)).subarray(0, 80), "dumpRefused");
  dump("for-another-database.sql", Buffer.from(sql), "dumpRefused");
  dump("made-by-what-broke-off.sql.gz", gzipSync(rows), "dumpBreaksOff");
  dump("copy-broken-off.sql.gz", gzipSync(rows).subarray(0, -20), "dumpRefused");

  const asSql = (name: string) => [`pg_restore -f ${name.split(".")[0]}.plain.sql ${name}`];
  const newer = Buffer.from("PGDMP\u0001\u0010\0\u0004\b\u0001");
  const tar = Buffer.from("toc.dat".padEnd(512, "\0"));
  const cluster = Buffer.from("--\n-- PostgreSQL database cluster dump\n--\n");
  dump("of-postgresql-17.dump", newer, "dumpUnsuitable", asSql("of-postgresql-17.dump"));
  dump("of-format-tar.dump", tar, "dumpUnsuitable", asSql("of-format-tar.dump"));
  dump("named.sql", newer, "dumpUnsuitable", asSql("named.sql"));
  dump("named.sql.gz", gzipSync(newer), "dumpUnsuitable", [
    "gunzip -c named.sql.gz | pg_restore -f named.plain.sql",
  ]);
  dump("of-all.sql", cluster, "dumpUnsuitable", ["pg_dump -Fc -f"]);
  refused("a dump that is a folder", {
    argv: ["init", "0.8.0", "--from-dump", "folder"],
    circumstances: async () => {
      await mkdir(inFolder("folder"));
      return async () => await rmdir(inFolder("folder"));
    },
    refusal: "dumpUnsuitable",
    exit: 1,
    mentions: asSql("folder"),
  });

  refused("a dump that is not there", {
    argv: ["init", "0.8.0", "--from-dump", "none.dump"],
    refusal: "dumpUnreadable",
    exit: 1,
    mentions: ["none.dump"],
  });
});

const remove = async (path: string) => await rm(path, { recursive: true });

/** Whose the media are: of no container, and of nobody on this machine. */
const owner = 54_321;

/** Media as an application that was broken into may leave them for root to copy; what only root may read is not the owner's. */
async function media(): Promise<{ folder: string; closed: string }> {
  const home = inFolder("production");
  const folder = join(home, "media");
  const closed = join(folder, "closed.pdf");
  await mkdir(join(folder, "pièces jointes"), { recursive: true });
  await chmod(site.folder, 0o755);
  await writeFile(join(folder, "pièces jointes", "à l’écran.pdf"), "plan", { mode: 0o600 });
  await writeFile(inFolder("secret"), "secret", { mode: 0o600 });
  await symlink(inFolder("secret"), join(folder, "out"));
  await execa("mkfifo", [join(folder, "queue")]);
  await execa("chown", ["-hR", String(owner), home]);
  await writeFile(closed, "closed", { mode: 0o600 });
  return { folder, closed };
}

refused("media that are not there", {
  argv: ["init", "0.8.0", "--media", "none"],
  refusal: "mediaFolder",
  exit: 1,
  mentions: ["none"],
});

describe("media of another site", () => {
  let found: Awaited<ReturnType<typeof media>>;
  beforeAll(async () => void (found = await media()));

  refused("media that their owner may not read", () => ({
    argv: ["init", "0.8.0", "--media", found.folder],
    refusal: "mediaNotBrought",
    exit: 1,
    mentions: ["closed.pdf", String(owner)],
  }));

  refused("media in whose place their owner has put a link to what only root may read", () => ({
    argv: ["init", "0.8.0", "--media", join(site.folder, "production", "elsewhere")],
    circumstances: async () => {
      const link = join(site.folder, "production", "elsewhere");
      const open = join(inFolder("private"), "open");
      await mkdir(inFolder("private"), { mode: 0o700 });
      await mkdir(open);
      await writeFile(join(open, "letter.pdf"), "letter");
      await symlink(open, link);
      await execa("chown", ["-h", String(owner), link]);
      return async () => await Promise.all([link, inFolder("private")].map(remove));
    },
    refusal: "mediaNotBrought",
    exit: 1,
    mentions: ["elsewhere", String(owner)],
  }));

  test("they come along and are the application's, but for what a link leads to; a second init meanwhile is refused", async () => {
    await rm(found.closed, { force: true });
    let second: ReturnType<Site["run"]> | undefined;
    const links: unknown[] = [];
    const argv = ["init", "0.8.0", "--foreground", "--media", found.folder];
    const first = await site.operate(argv, ({ type, step, ...event }) => {
      if (type === "warning") links.push(event["code"]);
      if (type === "step-started" && step === "create-database")
        second ??= site.run("init", "0.8.0", "--foreground");
    });
    const refused = await second;
    const list = ["find", "/srv/media", "-mindepth", "1", "-printf", String.raw`%P %U %m %y\n`];
    const { stdout: there, exitCode } = await site.run("exec", "--", ...list);
    await site.does("destroy", "--yes", site.instance);

    expect(first.exitCode, first.transcript).toBe(0);
    expect(links).toEqual(["mediaLinks"]);
    expect(refused?.exitCode).toBe(1);
    expect(refused?.all).toMatch(/has been running “init 0\.8\.0”/);
    expect(exitCode).toBe(0);
    expect(there.split("\n").toSorted()).toEqual([
      "out 10001 777 l",
      "pièces jointes 10001 755 d",
      "pièces jointes/à l’écran.pdf 10001 644 f",
    ]);
  });
});
