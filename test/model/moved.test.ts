import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfiguration } from "../../src/config/load.ts";
import { instanceOf } from "../../src/instance/instance.ts";
import { recoverUnfinished, unfinishedInstance } from "../../src/operations/recover.ts";
import { relocate } from "../../src/operations/relocate.ts";
import { swap } from "../../src/operations/swap.ts";
import { modelEngine } from "./engine.ts";
import { type Command, commands, run, siteAfter } from "./play.ts";
import { type Fault, useWorld, World } from "./world.ts";

const text = `[source]
repository = "."
[local]
folder = "local_biomaid"
[site]
host_names = ["a.example.org"]
[backup]
before_swap = false
`;
const reporter = { event: () => undefined };
const language = "en";

async function siteIn(folder: string) {
  return instanceOf(await loadConfiguration(join(folder, "updater.toml")), modelEngine, reporter);
}
type Site = Awaited<ReturnType<typeof siteIn>>;

const tie =
  (site: Site): Command =>
  async () =>
    void (await relocate(site));
const swapOf =
  (site: Site): Command =>
  async (signal) =>
    await swap(
      site,
      { kind: "tag", tag: "2", local: undefined },
      { language, override: [] },
      signal,
    );

/** A swap that has died in the hold, in a folder that was moved and in which a key was edited since. */
async function movedInTheHold() {
  const folder = mkdtempSync(join(tmpdir(), "updater-moved-"));
  const moved = `${folder}-elsewhere`;
  writeFileSync(join(folder, "updater.toml"), text);
  writeFileSync(join(folder, "instance_settings.py"), "", { mode: 0o600 });
  const before = await siteIn(folder);
  const site = await siteAfter(commands.init);
  const doing = async (command: Command, ...faults: Fault[]) => {
    const world = useWorld(new World(structuredClone(site), faults));
    await run(world, tie(before));
    return { world, ending: await run(world, command) };
  };
  const { trace } = (await doing(swapOf(before))).world;
  const at = trace.findIndex(({ name }) => name.endsWith(": fence")) + 1;
  const { world, ending } = await doing(swapOf(before), { at, kind: "dies" });
  expect(ending).toEqual({ kind: "died" });
  renameSync(folder, moved);
  writeFileSync(join(moved, "updater.toml"), `${text}# Moved.\n`);
  return {
    world,
    moved,
    site: await siteIn(moved),
    [Symbol.dispose]: () => rmSync(moved, { recursive: true }),
  };
}

const restored = { kind: "result", result: { outcome: { kind: "restored" } } };
const done = { kind: "result", result: { outcome: { kind: "done" } } };
const recoverIn =
  (site: Site): Command =>
  async (signal) =>
    await recoverUnfinished(site, language, signal);

const folderOf = ({ data }: World) =>
  (JSON.parse(data.files.get("control/site.json") ?? "{}") as { path?: string }).path;

test("what was begun in a folder that was moved is ended from where it is now, once the site was told", async () => {
  using begun = await movedInTheHold();
  const { world, site, moved } = begun;
  await run(world, tie(site));
  expect(await run(world, recoverIn(site))).toMatchObject(restored);
  expect(folderOf(world)).toBe(moved);
  expect(await run(world, swapOf(site))).toMatchObject(done);
});

test("recovery after a move leaves the site to the folder that it was moved to", async () => {
  using begun = await movedInTheHold();
  const { world, site, moved } = begun;
  expect(await run(world, recoverIn(site))).toMatchObject(restored);
  expect(folderOf(world)).toBe(moved);
  expect(await run(world, swapOf(site))).toMatchObject(done);
});

test("what was begun in a folder that was moved is ended there whatever has become of its configuration", async () => {
  using begun = await movedInTheHold();
  const { world, moved } = begun;
  const configurationFile = join(moved, "updater.toml");
  const site = await unfinishedInstance(modelEngine, "biomaid", { configurationFile, reporter });
  expect(site?.configuration.source.repository).toBe(moved);
  await run(world, tie(site!));
  expect(await run(world, recoverIn(site!))).toMatchObject(restored);
  expect(folderOf(world)).toBe(moved);
});
