import { docker } from "../support/docker.ts";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectEngine } from "../../src/engine/connect.ts";
import { execute } from "../../src/engine/exec.ts";
import { pages, tags } from "../support/miniature.ts";
import { once } from "../support/once.ts";
import { traces } from "../support/traces.ts";
import { reportOf } from "../support/rehearsal.ts";
import { Scene } from "../support/scene.ts";
import { errorOf, expectEditions, expectExact, expectExit } from "./expectations.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.set("e2e-rehearse", "additive");
});
afterAll(async () => await scene?.site.remove());

/** What there is before and after a rehearsal whose report was asked for in French. */
const rehearsed = once(async () => {
  const before = [await scene.picture(), await contents()];
  const file = join(scene.site.folder, "report.html");
  const argv = ["--lang", "fr", "rehearse", tags.destructive, "--report", file];
  const rehearsal = await scene.site.operate(argv);
  return { before, rehearsal, after: [await scene.picture(), await contents()], file };
});

test("a rehearsal changes no byte of production's data, media, local settings and pointers", async () => {
  const { before, rehearsal, after } = await rehearsed();

  expectExit(rehearsal, 0);
  expect(after).toEqual(before);
  expect((await scene.history()).at(-1)).toMatchObject({
    operation: "rehearse",
    from: tags.additive,
    to: tags.destructive,
    outcome: "done",
  });
});

test("the report is one HTML file in the language asked for", async () => {
  const html = await readFile((await rehearsed()).file, "utf8");
  expect(html).toContain('<html lang="fr"');
  expect(html).toContain(tags.destructive);
  expect(html).not.toMatch(/(src|href)="https?:/);
});

test("a rehearsal says something of the image that a swap would take, and of no other", async () => {
  const { site } = scene;
  await rehearsed();
  const rehearsal = async () =>
    (await site.operate(["plan", tags.destructive])).result["rehearsed"];
  await site.does("prune");
  const pruned = await rehearsal();
  const file = join(site.folder, "updater.toml");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace("extras = []", 'extras = ["ldap"]'));
  const otherwise = await rehearsal();
  await writeFile(file, text);

  expect(pruned).toMatchObject({ kind: "current" });
  expect(otherwise).toMatchObject({ kind: "stale", because: "image" });
});

test("users at work notice nothing of a rehearsal", { tags: "long" }, async () => {
  const before = await scene.picture();
  const { work, result: rehearsal } = await scene.underLoad(
    async () => await scene.site.operate(["rehearse", tags.codeOnly]),
  );

  expectExit(rehearsal, 0);
  await expectExact(scene, work, 1);
  expectEditions(work, [tags.additive]);
  expect(await scene.picture()).toEqual(before);
  expect(reportOf(rehearsal)).toMatchObject({ verdict: "ready", findings: [], failure: null });
});

test("a kept rehearsal can be looked at under its banner, beside production, until it is removed", async () => {
  const { site } = scene;
  const before = await scene.picture();

  const rehearsal = await site.operate(["rehearse", tags.codeOnly, "--keep"]);
  expectExit(rehearsal, 0);
  const answer = await fetch(`${rehearsal.result["url"] as string}${pages.sign.slice(1)}`, {
    headers: aBrowser,
  });
  const page = await answer.text();
  const production = await (await fetch(site.origin + pages.sign)).text();

  expect(answer.status).toBe(200);
  expect(page).toContain(`data-edition="${tags.codeOnly}"`);
  expect(page).toContain(`Rehearsal of BiomAid ${tags.codeOnly}`);
  expect(production).not.toContain("Rehearsal");

  // Commands that tidy leave it alone.
  expectExit(await site.operate(["prune"]), 0);
  expect((await traces(site.instance)).containers).toContain("rehearsal-proxy: running, no");

  expectExit(await site.operate(["rehearse", "--remove"]), 0);
  expect(await scene.picture()).toEqual(before);
});

// At every other step, and with other commands, in `npm run test:faults`.
test("after kill -9 in a rehearsal the doctor leaves no trace of it", async () => {
  const { site } = scene;
  const before = await scene.picture();

  const rehearse = ["rehearse", tags.destructive, "--foreground"];
  const killed = await site.operate(rehearse, (event, _ctrlC, kill) => {
    if (event.type === "step-started" && event.step === "migrate") kill();
  });
  expect(killed.exitCode).not.toBe(0);
  const next = await site.run("doctor");

  expect(next.exitCode, next.all).toBe(0);
  expect(await scene.picture()).toEqual(before);
});

test("Ctrl-C ends a rehearsal and removes it", { tags: "long" }, async () => {
  const before = await scene.picture();
  const stopped = await scene.site.operate(["rehearse", tags.codeOnly], (event, ctrlC) => {
    if (event.type === "step-started" && event.step === "start-candidate") ctrlC();
  });

  expectExit(stopped, 3);
  expect(errorOf(stopped).code).toBe("interrupted");
  expect(await scene.picture()).toEqual(before);
});

test(
  "the site's own script changes the copy before anything else reads it",
  { tags: "long" },
  async () => {
    const { site } = scene;
    const script = join(site.folder, "sanitize.sql");
    await writeFile(script, "DELETE FROM dem_demande;\nUPDATE common_user SET email = '';\n");
    await site.configure({ rehearse: `sanitize = "${script}"` });

    const rehearsal = await site.operate(["rehearse", tags.codeOnly]);
    await writeFile(script, "DELETE FROM no_such_table;\n");
    const failing = await site.operate(["rehearse", tags.codeOnly]);
    await site.configure({});

    expectExit(rehearsal, 0);
    const report = reportOf(rehearsal);
    expect(report.sanitized).toBe(true);
    expect(report.tables.find(({ table }) => table === "dem_demande")).toMatchObject({ before: 0 });
    expectExit(failing, 3);
    expect(errorOf(failing)).toMatchObject({
      code: "sanitizeFails",
      what: expect.stringContaining("no_such_table") as string,
    });
    expect(await rowsOfProduction("dem_demande")).toBeGreaterThan(0);
  },
);

test("a report that could not be written is refused before anything begins", async () => {
  const refused = await scene.site.operate([
    "rehearse",
    tags.codeOnly,
    "--report",
    "/no/such/folder/report.html",
  ]);

  expectExit(refused, 1);
  expect(errorOf(refused).code).toBe("reportUnwritable");
  expect(refused.steps).toEqual([]);
});

test(
  "nothing a release says leaves the rehearsal; the swap that follows shows who would have heard it",
  { tags: "long" },
  async () => {
    const { site } = scene;
    const [mail, directory] = [await listen(), await listen()];
    const network = (await docker()).getNetwork(`biomaid-${site.instance}`);
    const gateway = (await network.inspect()).IPAM?.Config?.[0]?.["Gateway"] ?? "";
    const settings = join(site.folder, "talkative_settings.py");
    await writeFile(
      settings,
      `${await readFile(site.repositories.settings, "utf8")}
EMAIL_HOST, EMAIL_PORT, EMAIL_TIMEOUT = "${gateway}", ${mail.port}, 2
LDAP_HOST, LDAP_PORT = "${gateway}", ${directory.port}
`,
    );
    const hostNames = `host_names = ["localhost"]`;
    await site.configure({ site: `settings = "${settings}"\n${hostNames}` });

    const rehearsal = await site.operate(["rehearse", tags.talkative]);
    const heard = [mail.connections(), directory.connections()];
    const swap = await site.operate(["swap", tags.talkative]);

    expectExit(rehearsal, 0);
    expect(heard).toEqual([0, 0]);
    expectExit(swap, 0);
    expect([mail.connections(), directory.connections()]).toEqual([1, 1]);
    expect(swap.transcript).toContain('"type":"rehearsed"');
    mail.close();
    directory.close();
  },
);

const aBrowser = { "User-Agent": "test", "Accept-Language": "en" };

/** A server that would hear whoever speaks to it. */
async function listen() {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on("error", () => undefined).destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const { port } = server.address() as AddressInfo;
  return { port, connections: () => connections, close: () => void server.close() };
}

/** Digests of everything of production that a rehearsal could have touched. */
async function contents(): Promise<Record<string, string>> {
  const engine = await connectEngine();
  const { instance } = scene.site;
  const print = async (container: string, command: string, user?: string) => {
    const name = `biomaid-${instance}-${container}`;
    const shell = ["sh", "-c", command];
    const { status, stdout, stderr } = await execute(engine, name, shell, user ? { user } : {});
    if (status !== 0) throw new Error(stderr);
    return createHash("sha256").update(stdout).digest("hex");
  };
  const files = (folder: string) =>
    `cd ${folder} && find . -type f -exec sha256sum {} + | sort && find . -printf '%p %m %T@\\n' | sort`;
  return {
    data: await print(
      "g1-db",
      "pg_dump --no-comments biomaid | grep -v '^.\\(un\\)\\?restrict'",
      "postgres",
    ),
    media: await print("proxy", files("/srv/media")),
    configuration: await print("g1-app", files("/config")),
    pointers: await print(
      "proxy",
      "ls -l --time-style=full-iso /run/biomaid/control/serving /run/biomaid/control/static",
    ),
  };
}

async function rowsOfProduction(table: string): Promise<number> {
  const name = `biomaid-${scene.site.instance}-g1-db`;
  const query = ["psql", "-X", "-At", "-d", "biomaid", "-c", `SELECT count(*) FROM ${table}`];
  const { stdout } = await execute(await connectEngine(), name, query, { user: "postgres" });
  return Number(stdout);
}
