import { afterAll, beforeAll, expect, test } from "vitest";
import { faults } from "../faults/all.ts";
import { dies, Stage } from "../faults/stage.ts";
import { asRoot } from "../support/engine.ts";
import { tags } from "../support/miniature.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.set("e2e-killed");
});
afterAll(async () => await stage?.site.remove());

// With those of supervised.test.ts and interrupted.test.ts a tenth of `npm run test:faults`, chosen so that each kind of step, both ways
// out and each class that harms nobody else on this machine are there.
test.each([
  "swap, killed at step-started:clone-database + 400 ms",
  "swap, killed at step-started:start-candidate + 100 ms",
  "swap, killed at step-started:migrate + 20 ms",
  "swap, killed at step-started:commit",
  "swap, killed at step-finished:commit",
  "rollback, killed at step-finished:fence",
  "swap, killed at step-started:retire",
  "init, killed at step-finished:create-database",
  "prune, killed after 120 ms",
  "swap, gate-1 killed at commit",
  "swap, serving db killed at close-gate",
  "swap, another operation is asked for at build-image",
  "swap, candidate db frozen at migrate",
  "swap, proxy removed at start-candidate",
  "swap, the clone's disk is too small at build-image",
  "the version kept goes with docker system prune",
])("%s: one generation serves, nothing fails that works, no write is lost", async (name) => {
  const fault = faults.find((one) => one.name === name);
  expect(await fault?.run(stage)).toEqual([]);
});

test("a swap that was killed is explained, and any command that does something ends it first", async () => {
  await stage.reach(tags.first);
  const before = await stage.picture();
  let explained = "";
  const problems = await stage.underLoad(async () => {
    expect(await dies(stage.site, { at: "step-started:migrate" }, "swap", tags.additive)).toBe(
      true,
    );
    explained = (await stage.site.updater("status")).stdout;
    await stage.does("history");
  });

  expect(explained).toMatch(/users wait/i);
  expect(explained).toMatch(/swap 0\.8\.1.*“Migrate”.*updater recover/);
  expect(problems).toEqual([]);
  expect(await stage.picture()).toEqual(before);
  const { operations } = JSON.parse(await stage.does("history")) as { operations: object[] };
  expect(operations.at(-1)).toMatchObject({
    operation: "swap",
    outcome: "restored",
    error: "killed",
  });
});

test.each([
  ["that is no JSON", "{"],
  ["of another instance", JSON.stringify({ version: 1, instance: "another" })],
  ["with what no updater writes", JSON.stringify({ version: 1, surprise: true })],
])("a journal %s is reported and left alone", async (_, content) => {
  const { site } = stage;
  // As root of the machine could: no container of the site may write there.
  const damage = async (command: string) =>
    await asRoot(site.instance, `biomaid-${site.instance}-control`, command);
  await damage(`printf '%s' '${content}' > journal.json`);
  for (const command of ["status", "recover", "prune"]) {
    const { exitCode, all } = await site.updater(command);
    expect(all).toMatch(/journal.*cannot be trusted[^]*Next: .*journal\.json/);
    expect(exitCode).toBe(4);
  }
  await damage("cat journal.json && rm journal.json");
  expect(await stage.servingTag()).toBe(tags.first);
});
