import { expect, test } from "vitest";
import { play } from "./history.ts";
import { commands, run, siteAfter } from "./play.ts";
import { type Fault, useWorld, World } from "./world.ts";

/** How deleting a generation that the state has forgotten comes to its end too soon. */
const kinds = ["fails", "dies", "dies-after"] as const;

test("of a generation that prune was deleting no media are left by the next one", async () => {
  const site = await siteAfter(commands.init, commands.swap, commands.rollback);
  const pruned = async (...faults: Fault[]) => {
    const world = useWorld(new World(structuredClone(site), faults));
    await run(world, commands.prune);
    return world;
  };
  const { trace } = await pruned();
  expect([...site.mediaCopies]).toEqual(["2"]);
  for (let at = 1; at <= trace.length; at++) {
    for (const kind of kinds) {
      const { data } = await pruned({ at, kind });
      const again = useWorld(new World(data, []));
      await run(again, commands.prune);
      const where = `${kind}: ${trace[at - 1]?.name}`;
      const left = { where, media: [...data.mediaCopies], databases: [...data.databases.keys()] };
      expect(left).toEqual({ where, media: [], databases: [1] });
    }
  }
});

test("of a generation that a swap was deleting no media are left by its recovery", async () => {
  const site = await siteAfter(commands.init, commands.swap);
  const swap = { site, command: commands.swap, from: 2, to: 3 };
  const { trace } = await play(swap, []);
  const forgotten = trace.findLastIndex(
    ({ name }) => name === "remove volume biomaid-biomaid-g1-data",
  );
  expect(forgotten).toBeGreaterThan(0);
  for (let at = forgotten - 10; at < forgotten + 10; at++) {
    for (const kind of kinds) {
      const { broken } = await play(swap, [{ at, kind }]);
      expect(broken, `${kind}: ${trace[at - 1]?.name}`).toEqual([]);
    }
  }
});
