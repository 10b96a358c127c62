import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { connectEngine } from "../../src/engine/connect.ts";
import { execute } from "../../src/engine/exec.ts";
import { type BareMetal, startBareMetal } from "../support/bare-metal.ts";
import { tags } from "../support/miniature.ts";
import { typedOn, underLoad } from "../support/moving.ts";
import { createSite, type Site } from "../support/site.ts";
import { heldBy, readRows } from "../support/traces.ts";
import { Users } from "../support/users.ts";

/** A machine of its own, with all that belongs to it, takes minutes. */
const long = { tags: "long" };

let site: Site;
let machine: BareMetal;
let users: Users;

beforeAll(async () => {
  // `POSTGRES_MAJOR` makes it a machine with another PostgreSQL.
  site = await createSite(`e2e-move-in${process.env["POSTGRES_MAJOR"] ?? ""}`);
  machine = await startBareMetal(site, tags.first, { withEngine: true });
  users = new Users(machine.origin, { count: 10, thinkMs: 500 });
  // Where the way to the registries is known.
  await site.does("build", tags.first);
  await done("adopt", machine.home, "--stand-in", "--as-tagged", "--foreground");
});
afterAll(async () => {
  await site?.remove();
  await machine?.remove();
});

const typed = async (...argv: readonly string[]) => await typedOn({ site, machine }, ...argv);

async function done(...argv: readonly string[]) {
  const { exitCode, output, last } = await typed(...argv);
  expect(exitCode, output).toBe(0);
  said = output;
  return last;
}

/** All that the last command told, which was done. */
let said = "";

const generation = (number: number) => () => heldBy(site.instance, number);

/** What a user gets. */
async function page(path: string) {
  const answer = await fetch(`${machine.origin}${path}`);
  return { status: answer.status, text: await answer.text() };
}

const estimate = encodeURI("/media/devis/Réanimation n° 2.pdf");

test("what nginx serves by itself is named before anything moves", long, async () => {
  const { exitCode, last } = await typed("adopt", "--switch", "--foreground");

  expect(exitCode).toBe(1);
  expect(last.error).toMatchObject({ code: "moveUnfit" });
  // Each place once: nginx would find media both by its place and in the folder of the whole server.
  expect(last.error.what.match(/location \/\w+ \{/g).sort()).toEqual([
    "location /media {",
    "location /static {",
  ]);
  await machine.askForFiles();
  await vi.waitFor(async () => expect(await page(estimate)).toEqual({ status: 200, text: "a" }));
  expect((await page("/static/edition.txt")).status).toBe(200);
});

/** Sessions of ours in the machine's database. */
const sessions = "SELECT session_key FROM django_session WHERE session_key LIKE 'biomaidupdater%'";

test("a rehearsal tries the move on a copy, and finds the same pages there", long, async () => {
  await underLoad(users, generation(1), async () => {
    const { report } = await done("adopt", "--rehearse", "--foreground");

    expect(report).toMatchObject({ choice: "--switch", failure: null });
    expect(report.verdict).not.toBe("not-ready");
    const steps = report.hold.parts.map(({ step }: { step: string }) => step);
    expect(steps).toEqual(expect.arrayContaining(["complete-media", "move-database", "boot"]));
    const pages = report.pages.filter((one: { signedIn: boolean }) => one.signedIn);
    expect(pages.length).toBeGreaterThan(1);
    for (const one of pages) {
      expect(one).toMatchObject({ before: { status: 200 }, after: { status: 200 } });
    }
    // Users go on writing after the copy was taken, which other pages show.
    const same = pages.filter(({ page }: { page: string }) => /programme|role/.test(page));
    expect(same).toMatchObject([{ differing: 0 }, { differing: 0 }]);
  });

  expect(await readRows(site.instance, 1, sessions)).toEqual([]);
  expect(await done("status")).toMatchObject({ serving: 1 });
});

test("a site moves in while users work, and none of them notices", long, async () => {
  await underLoad(users, generation(2), async (work) => {
    await done("adopt", "--switch", "--foreground");
    await work.everythingIsAnswered();
  });

  // What comes from where is told, and nothing of the machine's other databases, which stay in use.
  expect(said).toContain(`"machine":"${machine.home}/biomaid"`);
  expect(said).not.toContain("followsNot");
  expect(await page(estimate)).toEqual({ status: 200, text: "a" });
  expect((await page("/static/edition.txt")).status).toBe(200);
  const status = await done("status");
  expect(status).toMatchObject({ serving: 2, wayBack: { following: { state: "working" } } });
});

/** Lines of the site's crontab that are not commented out. */
async function cronLines(): Promise<string[]> {
  const { output } = await machine.shell("crontab -u production -l");
  return output
    .trim()
    .split("\n")
    .filter((line) => !line.startsWith("#"));
}

test("nobody writes any more where the site came from", long, async () => {
  expect(await cronLines()).toEqual([]);
  const role = "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'biomaid'";
  expect(await readRows(site.instance, 1, role)).toEqual([{ rolcanlogin: false }]);
});

/** Files that users have sent, in the volume of the site. */
async function sentFiles(): Promise<string[]> {
  const list = ["sh", "-c", "cd /srv/media && find . -path ./.updater -prune -o -type f -print"];
  const proxy = `biomaid-${site.instance}-proxy`;
  const { stdout } = await execute(await connectEngine(), proxy, list);
  return stdout.split("\n").filter(Boolean);
}

test("a rollback leads back to the machine, with all that was written since", long, async () => {
  let sent: string[] = [];
  await underLoad(users, generation(1), async (work) => {
    await work.everythingIsAnswered();
    sent = await sentFiles();
    const result = await done("rollback", "--foreground");
    expect(result).toMatchObject({ lost: [] });
    // Nobody is signed in where its pages are asked, but users there are.
    expect(said).not.toContain("no-user-to-probe");
    await work.everythingIsAnswered();
  });

  expect(await cronLines()).toHaveLength(2);
  const { output } = await machine.shell(
    `ls -A ${machine.home} $(dirname ${machine.home})/postgresql; cd ${machine.home}/media; find . -type f`,
  );
  expect(output).not.toContain("biomaid-e2e");
  const files = output.split("\n").filter((line) => line.startsWith("./"));
  expect(sent.length).toBeGreaterThan(1);
  expect(files).toEqual(expect.arrayContaining(sent));
  // What the machine deletes or replaces is not to be shown from a copy.
  expect(await sentFiles()).toEqual([]);
});

test("it is not left to gunicorn alone what nginx asks for files of", long, async () => {
  const { exitCode, last } = await typed("adopt", "--undo");

  expect(exitCode).toBe(1);
  expect(last.error).toMatchObject({ code: "filesAsked" });
  expect(last.error.what).toContain(`location /media { alias ${machine.home}/media; }`);
  expect(last.error.what).toContain(`location /static { alias ${machine.home}/staticfiles; }`);
  expect(await page(estimate)).toEqual({ status: 200, text: "a" });
});

test("it moves in once more, and goes on from there like any other site", long, async () => {
  await underLoad(users, generation(4), async (work) => {
    await done("adopt", "--switch", "--foreground");
    await work.everythingIsAnswered();
    await site.does("build", tags.additive);
    await done("swap", tags.additive, "--foreground");
    await work.everythingIsAnswered();
  });

  expect((await page("/static/edition.txt")).text).toContain(tags.additive);
});

/** What of ours is in the machine's database. */
const following = "SELECT nspname FROM pg_namespace WHERE nspname = 'updater_follow'";

test(
  "finishing ends the way back, and leaves gunicorn's place once nginx asks it no more",
  long,
  async () => {
    const asked = await done("adopt", "--finish");
    expect(asked).toMatchObject({ askedBy: ["/etc/nginx/sites-enabled/production.conf"] });
    expect(asked.published.join(" ")).toContain("instance_settings.py");
    expect(await page(estimate)).toEqual({ status: 200, text: "a" });

    await machine.changeNginx("rm /etc/nginx/sites-enabled/production.conf");
    const configuration = join(site.folder, "updater.toml");
    const { output: told } = await machine.updater("--config", configuration, "adopt", "--finish");
    expect(told).toContain("What may be removed");
    // What the move has commented out is of no use to anybody now.
    expect(told.match(/cron, crontab -u production: # updater /g)).toHaveLength(2);

    const { output } = await machine.shell(`
    ls -A ${machine.home} | grep sock
    setpriv --reuid=postgres --regid=postgres --init-groups psql -XAtq biomaid -c "${following}"`);
    expect(output.trim()).toBe("biomaid.sock");
    const status = await done("status");
    expect(status.generations).toMatchObject([{ number: 3 }, { number: 4, role: "serving" }]);
  },
);
