import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Plan } from "../../src/operations/plan.ts";
import { compareVersions } from "../../src/lib/version.ts";
import { preparedSite } from "../support/prepared-sites.ts";
import { Scene } from "../support/scene.ts";
import type { Site } from "../support/site.ts";
import { traces } from "../support/traces.ts";

const withHook = { "hooks.users_inform_before": `run = "/bin/true"` };

/** Serves 0.8.0. */
let scene: Scene;
let site: Site;
beforeAll(async () => {
  scene = await Scene.shared();
  ({ site } = scene);
  await site.configure(withHook);
});
afterAll(async () => await scene?.giveBack());

async function plan(...argv: readonly string[]): Promise<Plan> {
  const { exitCode, stdout, all } = await site.run("--json", ...argv);
  expect(exitCode, all).toBe(0);
  return JSON.parse(stdout) as Plan;
}

test("a plan lists what the release changes, and nothing of it happens", async () => {
  const { instance } = site;
  const before = await traces(instance);
  const found = await plan("plan", "0.9.1");
  expect(found).toMatchObject({
    type: "plan",
    instance,
    from: { tag: "0.8.0", generation: 1 },
    to: { tag: "0.9.1" },
    image: { built: false },
    rehearsed: { kind: "none" },
  });
  expect(found.migrations.map(({ name, reversible }) => [name, reversible])).toEqual([
    ["dem.0002_echeance", true],
    ["dem.0003_devise", false],
    ["dem.0004_empreinte", true],
  ]);
  expect(found.migrations[1]?.operations).toEqual([
    expect.objectContaining({ kind: "RemoveField", target: "demande.remarque", risk: "removes" }),
    expect.objectContaining({ kind: "AlterField", target: "demande.urgent", risk: "converts" }),
    expect.objectContaining({ kind: "AddField", target: "demande.devise", risk: "required" }),
    expect.objectContaining({ kind: "RunPython", reversible: false, risk: "unknown" }),
  ]);
  const { sources } = found;
  const tags = sources.tags.map(({ tag }) => tag);
  expect([tags[0], tags.at(-1)]).toEqual(["0.8.1", "0.9.1"]);
  // Their dates do not follow the versions; the plan does.
  expect(tags).toEqual(tags.toSorted(compareVersions));
  expect(sources.notes.map(({ version }) => version)).toEqual(["0.9.1", "0.9", "0.8.2", "0.8.1"]);
  expect(sources.local.changedFiles).toEqual([
    { file: "config.d/contrats.toml", change: "added" },
    { file: "donnees/contrats.csv", change: "added" },
  ]);
  expect(found.needs.disk.needed).toBeGreaterThan(2e9);
  expect(found.needs.disk.free).toBeGreaterThan(0);
  expect(await traces(instance)).toEqual(before);
});

test("a dry run prints what the plan prints", async () => {
  const [planned, dry] = [
    await site.run("plan", "0.9.1"),
    await site.run("swap", "0.9.1", "--dry-run"),
  ];
  expect(planned.exitCode, planned.all).toBe(0);
  // Memory and disk are measured anew each time.
  const stable = (text: string) => text.replace(/[\d.]+\s[MG]B/gu, "…");
  expect(stable(dry.stdout)).toBe(stable(planned.stdout));
  expect(planned.stdout).toContain("dem.0003_devise");
  expect(planned.stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

test("a plan speaks French", async () => {
  const { stdout, exitCode, all } = await site.run("--lang", "fr", "plan", "0.9.1");
  expect(exitCode, all).toBe(0);
  expect(stdout).toContain("Migrations à venir");
  expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

test.each([
  ["a tag that does not exist", "0.9.11", "tagMissing", "0.9.1"],
  ["the version that is serving", "0.8.0", "alreadyServing", "updater versions"],
  ["a version without local settings", "0.8.8", "localRefMissing", "[local.refs]"],
])("a plan for %s is refused as a swap is", async (_, tag, code, mentioned) => {
  for (const argv of [
    ["plan", tag],
    ["swap", tag, "--dry-run"],
  ]) {
    const { exitCode, result } = await site.operate(argv);
    expect({ exitCode, result }).toMatchObject({ exitCode: 1, result: { error: { code } } });
    expect(JSON.stringify(result)).toContain(mentioned);
  }
});

test("names of the site's settings are told, their values are not", async () => {
  const settings = join(site.folder, "instance_settings.py");
  await writeFile(settings, 'INSTALLED_APPS = ["zz-of-the-site"]\nSECRET_KEY = "zz-secret"\n');
  await site.configure({ site: `settings = "${settings}"\nhost_names = ["localhost"]` });
  const { stdout } = await site.run("--json", "plan", "0.10");
  const { changes } = (JSON.parse(stdout) as Plan).sources.settings;
  expect(changes.find(({ name }) => name === "INSTALLED_APPS")).toMatchObject({
    file: "local_biomaid/settings.py",
    before: "+= []",
    after: "+= ['dem']",
    inSite: true,
  });
  const diff = await site.run("--json", "settings", "diff", "0.10");
  expect(JSON.parse(diff.stdout)).toMatchObject({ from: "0.8.0", to: "0.10", changes });
  const shown = await site.run("settings", "diff", "0.10");
  expect(shown.stdout).toContain("INSTALLED_APPS, which your site sets: changed in local_biomaid");
  expect(`${stdout}${diff.stdout}${shown.all}`).not.toContain("zz-");
  await site.configure(withHook);
});

test(
  "the steps of a plan are those a swap takes, and its migrations those it applies",
  { tags: "long" },
  async () => {
    await using own = await movable();
    const planned = await plan("plan", "0.9.1");
    const applied: unknown[] = [];
    const swap = await own.site.operate(["swap", "0.9.1"], (event) => {
      if (event.type === "migration-started") applied.push(event["migration"]);
    });
    expect(swap.exitCode, swap.transcript).toBe(0);
    const taken = swap.steps.filter((step) => step !== "find-release" && step !== "preflight");
    expect(planned.steps.map(({ name }) => name)).toEqual(taken);
    expect(taken).toContain("hook:users_inform_before");
    expect(planned.migrations.map(({ name }) => name)).toEqual(applied);
  },
);

/** A site like the shared one, which may be changed. */
async function movable(): Promise<AsyncDisposable & { readonly site: Site }> {
  const own = await preparedSite("int-plan", "first");
  await own.configure(withHook);
  return { site: own, [Symbol.asyncDispose]: async () => await own.remove() };
}
