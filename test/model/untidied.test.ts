import { expect, test } from "vitest";
import { play } from "./history.ts";
import { commands, run, siteAfter } from "./play.ts";
import { type Data, useWorld, World } from "./world.ts";

/** A rollback that has switched and could not stop the version left: the next command tries that again. */
async function untidied(): Promise<Data> {
  const site = await siteAfter(commands.init, commands.swap);
  const rollBack = async (...faults: ConstructorParameters<typeof World>[1]) => {
    const world = useWorld(new World(structuredClone(site), faults));
    return { world, ending: await run(world, commands.rollback) };
  };
  const { trace } = (await rollBack()).world;
  const at = trace.findIndex(({ name }) => name === "stop biomaid-biomaid-g2-app") + 1;
  const { world, ending } = await rollBack({ at, kind: "fails" });
  expect(ending).toMatchObject({ result: { outcome: { kind: "clean-up-pending" } } });
  return world.data;
}
const site = await untidied();

test("what is left to tidy can still be tidied after a prune", async () => {
  const world = useWorld(new World(structuredClone(site), []));
  expect(await run(world, commands.prune)).toEqual({ kind: "result", result: undefined });

  expect(await run(world, commands.recover)).toMatchObject({
    result: { outcome: { kind: "done" } },
  });

  expect(world.data.files.has("control/journal.json")).toBe(false);
  await run(world, commands.prune);
  expect([...world.data.databases.keys()]).toEqual([1]);
});

test("what is left to tidy can still be tidied after a swap that dies before its first step", async () => {
  const swap = { site, command: commands.swap, from: 1, to: 3 };
  const { trace, broken: undisturbed } = await play(swap, []);
  const begun = trace.findIndex(({ name }) => name.includes(" journal.json ")) + 1;
  const broken = new Set(undisturbed);
  for (let at = 1; at <= begun; at++) {
    for (const kind of ["fails", "dies", "dies-after"] as const) {
      for (const promise of (await play(swap, [{ at, kind }])).broken) broken.add(promise);
    }
  }

  expect(begun).toBeGreaterThan(0);
  expect([...broken]).toEqual([]);
});
