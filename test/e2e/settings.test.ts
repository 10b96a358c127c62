import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localBranches, tags } from "../support/miniature.ts";
import type { Site } from "../support/site.ts";
import { once } from "../support/once.ts";
import { blocking, reportOf } from "../support/rehearsal.ts";
import { Scene } from "../support/scene.ts";
import { errorOf, expectExit } from "./expectations.ts";

let scene: Scene;
let site: Site;
/** The site's own settings, as its sysadmin edits them. */
let settings: string;
let original: string;

beforeAll(async () => {
  scene = await Scene.set("e2e-settings");
  ({ site } = scene);
  settings = join(site.folder, "instance_settings.py");
  original = await readFile(site.repositories.settings, "utf8");
  await writeFile(settings, original);
  await site.configure({ site: siteTable() });
});

afterAll(async () => {
  await site?.remove();
});

const siteTable = (...hosts: string[]) =>
  `settings = "${settings}"\nhost_names = ${JSON.stringify(["localhost", ...hosts])}`;

/** What serves, as `status --json` and BiomAid itself tell. */
async function serving() {
  const { stdout } = await site.run("--json", "status");
  const { settingsChanged, generations } = JSON.parse(stdout);
  const { tag, image, localCommit } = generations.find(
    ({ role }: { role: string }) => role === "serving",
  );
  const look =
    "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'settings';" +
    "from django.conf import settings; print(settings.EMAIL_PORT, settings.ALLOWED_HOSTS[-1]);" +
    "print(*sorted(os.listdir('local/config.d')))";
  const { stdout: told } = await site.run("exec", "--", "python", "-c", look);
  const [first = "", tables] = told.split("\n");
  const [port, host] = first.split(" ");
  return { settingsChanged, tag, image, localCommit, port, host, tables };
}

/** The site's settings have changed, and were applied alone. */
const applied = once(async () => {
  const before = await serving();
  const nothingNew = await site.operate(["swap", "--settings-only"]);
  await writeFile(settings, original.replace("8025", "2525"));
  await site.configure({
    site: siteTable("biomaid.hospital.example"),
    messages: `swap_banner = "{{version}}"`,
    "messages.mail": `groups = ["Experts"]`,
  });
  const seen = await serving();
  const plan = await site.operate(["plan", tags.first]);
  const swap = await site.operate(["swap", "--settings-only"]);
  expectExit(swap, 0);
  return { before, nothingNew, seen, plan, swap, after: await serving() };
});

test(
  "new settings of the site are seen, and applied alone; users are told of versions only",
  { tags: "long" },
  async () => {
    const { before, nothingNew, seen, plan, swap, after } = await applied();

    expect(before).toMatchObject({ settingsChanged: [], port: "8025" });
    expectExit(nothingNew, 1);
    const settingsChanged = ["updater.toml", "instance_settings.py"];
    expect(seen).toEqual({ ...before, settingsChanged });
    expect(plan.result).toMatchObject({ settingsChanged });
    expect(swap.steps.filter((step) => /announce|mail/.test(step))).toEqual([]);

    const host = "biomaid.hospital.example";
    expect(after).toEqual({ ...before, port: "2525", host });
  },
);

const choice = ["--local-only", localBranches.missingTable];

test(
  "new local settings are rehearsed alone, and refused for what they would drop",
  { tags: "long" },
  async () => {
    const { localCommit } = await serving();
    await site.run("exec", "--", "python", "manage.py", "extable_update");
    const { result } = await site.operate(["plan", ...choice]);
    expect(result).toMatchObject({
      from: { tag: tags.first, localCommit },
      to: { tag: tags.first, localCommit: expect.not.stringMatching(localCommit) },
    });
    expect(blocking(reportOf(await site.operate(["rehearse", ...choice])))).toEqual([
      "table-dropped",
    ]);
    const refused = await site.operate(["swap", ...choice]);
    expectExit(refused, 1);
    expect(errorOf(refused).next).toContain(`updater swap ${choice.join(" ")} --override`);
  },
);

test("a rollback brings back the local settings and the settings of the site that served", async () => {
  await applied();
  const before = await serving();
  await writeFile(settings, original);

  expectExit(await site.operate(["swap", ...choice, "--override", "table-dropped"]), 0);

  const { localCommit, ...after } = await serving();
  expect(localCommit).not.toBe(before.localCommit);
  expect(after).toMatchObject({ port: "8025", tables: "contrats.toml fournisseurs.toml" });
  expectExit(await site.operate(["rollback"]), 0);
  expect(await serving()).toEqual({ ...before, settingsChanged: ["instance_settings.py"] });
});

test(
  "a secret that was taken away is a change, and goes with the next swap",
  { tags: "long" },
  async () => {
    const table = (secrets: string) => ({ site: siteTable(), secrets });
    await writeFile(settings, original);
    await writeFile(join(site.folder, "key"), "once", { mode: 0o600 });
    await site.configure(table(`withdrawn = "key"`));
    expectExit(await site.operate(["swap", "--settings-only"]), 0);
    await site.configure(table(""));
    const { settingsChanged } = await serving();

    expectExit(await site.operate(["swap", "--settings-only"]), 0);
    expect(settingsChanged).toEqual(["secrets/withdrawn"]);
    expect((await site.run("exec", "--", "ls", "/run/secrets")).stdout).toBe("");
    expect(await serving()).toMatchObject({ settingsChanged: [] });
  },
);
