import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
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
  const sql = "--\n-- PostgreSQL database dump\n--\nINSERT INTO nothing VALUES (1);\n";
  const letter = Buffer.from("Bonjour,\nvoici la sauvegarde.\n");
  const archive = Buffer.from("PGDMP\u0001\u000e\0\u0004\b\u0001");
  const dump = (
    name: string,
    content: Buffer,
    refusal: "notADump" | "dumpRefused" | "dumpUnreadable",
  ) =>
    refused(name, {
      argv: ["init", "0.8.0", "--from-dump", name],
      circumstances: async () => await writeFile(inFolder(name), content).then(() => () => {}),
      refusal,
      exit: 1,
      mentions: [name],
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

  refused("a dump that is not there", {
    argv: ["init", "0.8.0", "--from-dump", "none.dump"],
    refusal: "dumpUnreadable",
    exit: 1,
    mentions: ["none.dump"],
  });
});

test("refused: an init of an instance that another one is just making, which it leaves alone", async () => {
  let second: ReturnType<Site["run"]> | undefined;
  const first = await site.operate(["init", "0.8.0", "--foreground"], ({ type, step }) => {
    if (type === "step-started" && step === "create-database")
      second ??= site.run("init", "0.8.0", "--foreground");
  });
  const refused = await second;
  const { exitCode } = await site.run("status");
  await site.does("destroy", "--yes", site.instance);

  expect(first.exitCode, first.transcript).toBe(0);
  expect(refused?.exitCode).toBe(1);
  expect(refused?.all).toMatch(/has been running “init 0\.8\.0”/);
  expect(exitCode).toBe(0);
});
