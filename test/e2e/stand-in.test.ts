import { afterAll, beforeAll, expect, test } from "vitest";
import { type BareMetal, startBareMetal } from "../support/bare-metal.ts";
import { clientOf, connectEngine } from "../../src/engine/connect.ts";
import { pictureOf } from "../support/engine.ts";
import { pages, tags } from "../support/miniature.ts";
import { createSite, type Site } from "../support/site.ts";
import { typedOn, underLoad, writtenOn } from "../support/moving.ts";
import { Users } from "../support/users.ts";

let site: Site;
let machine: BareMetal;
let users: Users;
/** What was on the engine before. */
let before: readonly string[];

beforeAll(async () => {
  site = await createSite("e2e-stand-in");
  machine = await startBareMetal(site, tags.first, { withEngine: true });
  users = new Users(machine.origin, { count: 10, thinkMs: 500 });
  before = await objects();
});
afterAll(async () => {
  await site?.remove();
  await machine?.remove();
});

/** A machine of its own, with all that belongs to it, takes a minute. */
const long = { tags: "long" };

const typed = async (...argv: readonly string[]) => await typedOn({ site, machine }, ...argv);

/** Of the instance; images are a cache. */
const objects = async () =>
  (await pictureOf(site.instance)).filter((one) => !one.endsWith(" image"));

async function standsIn() {
  // Where the way to the registries is known; what is removed with an instance is its image, too.
  await site.does("build", tags.first);
  return await typed("adopt", machine.home, "--stand-in", "--as-tagged", "--foreground");
}

/** What leads users to gunicorn is again as gunicorn made it. */
async function expectAsFound(): Promise<void> {
  const { output } = await machine.shell(`ls -A ${machine.home} | grep sock`);
  expect(output.trim().split("\n")).toEqual(["biomaid.sock"]);
  expect(await objects()).toEqual(before);
}

test(
  "all that keeps the updater from standing in is told at once, before anything is changed",
  long,
  async () => {
    await machine.shell(
      `cd ${machine.home}/biomaid && sed -i 's/"NAME": "biomaid"/"NAME": "comptes"/' instance_settings.py`,
    );
    const { exitCode, last } = await typed("adopt", machine.home, "--stand-in", "--foreground");
    await machine.shell(
      `cd ${machine.home}/biomaid && sed -i 's/"NAME": "comptes"/"NAME": "biomaid"/' instance_settings.py`,
    );

    expect(exitCode).toBe(1);
    expect(last.error).toMatchObject({ code: "adoptUnfit" });
    expect(last.error.what).toContain("manage.py");
    expect(last.error.what).toContain('name = "comptes"');
    await expectAsFound();
  },
);

test(
  "users notice nothing when the updater comes to stand in, nor when it leaves again",
  long,
  async () => {
    await underLoad(
      users,
      () => writtenOn(machine),
      async (work) => {
        const stood = await standsIn();
        expect(stood.exitCode, stood.output).toBe(0);
        await work.everythingIsAnswered();
        // What the proxy puts into pages tells that users come by it.
        await site.does("announce", "Arrêt à midi");
        const page = await fetch(`${machine.origin}${pages.sign}`, {
          headers: { accept: "text/html" },
        });
        expect(await page.text()).toContain("/biomaid-updater/");
        const status = await typed("status");
        expect(status.last).toMatchObject({
          serving: 1,
          generations: [{ number: 1, tag: tags.first, role: "serving", running: true }],
        });
        const { last: logs } = await typed("logs");
        expect(logs.error).toMatchObject({ code: "logsOnMachine" });
        expect(logs.error.next).toContain("supervisorctl tail dra-gunicorn");
        // By what BiomAid takes, not by what leads to it.
        const { last: examined } = await typed("doctor");
        const memory = examined.findings.find(({ code }: { code: string }) => code === "memory");
        expect(memory.needed).toBeGreaterThan(400_000_000);
      },
    );
    await underLoad(
      users,
      () => writtenOn(machine),
      async () => {
        const undone = await typed("adopt", "--undo");
        expect(undone.exitCode, undone.output).toBe(0);
      },
    );
    await expectAsFound();
  },
);

test("a gunicorn that its service restarts is behind the updater again", long, async () => {
  const stood = await standsIn();
  expect(stood.exitCode, stood.output).toBe(0);

  const { output } = await machine.shell(`
    supervisorctl restart dra-gunicorn
    cd ${machine.home} && [ biomaid.sock -ef .biomaid.sock.updater ] && echo ours`);

  expect(output).toContain("dra-gunicorn: started\nours");
  await underLoad(
    users,
    () => writtenOn(machine),
    async (work) => await work.everythingIsAnswered(),
  );
});

test(
  "of a site that still runs as it was installed nothing is moved, copied or run",
  long,
  async () => {
    for (const argv of [
      ["swap", tags.additive],
      ["rehearse", tags.additive],
      ["backup"],
      ["rollback"],
      ["exec", "--", "true"],
      ["jobs", "run", "daily"],
      ["settings", "check"],
      ["plan", tags.additive],
    ]) {
      const { exitCode, stdout } = await site.run("--json", ...argv);
      expect([argv[0], exitCode]).toEqual([argv[0], 1]);
      expect(stdout).toContain("standsInOnly");
    }
  },
);

test(
  "one that was killed, or removed, is put back by whoever comes next; destroy leaves gunicorn its place",
  long,
  async () => {
    const client = clientOf(await connectEngine());
    const standIn = client.getContainer(`biomaid-${site.instance}-stand-in`);
    await standIn.remove({ force: true });
    const { all, exitCode } = await site.run("recover");
    expect(exitCode, all).toBe(0);
    expect((await fetch(`${machine.origin}/`)).status).toBeLessThan(500);

    await client.getContainer(`biomaid-${site.instance}-stand-in`).remove({ force: true });
    await site.does("destroy", "--yes", site.instance);
    expect((await fetch(`${machine.origin}/`)).status).toBeLessThan(500);
    await expectAsFound();
  },
);
