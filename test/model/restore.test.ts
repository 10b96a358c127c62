import { expect, test } from "vitest";
import { play } from "./history.ts";
import { commands, siteAfter } from "./play.ts";
import { keepsItsPromises } from "./promises.ts";

keepsItsPromises({
  on: [commands.init, commands.swap],
  command: commands.restore,
  from: 2,
  to: 3,
  forgets: true,
});

test("a snapshot that is not fetched to its end leaves nothing, and why it is not is told", async () => {
  const site = await siteAfter(commands.init, commands.swap);
  const restore = { site, command: commands.restore, from: 2, to: 3, forgets: true } as const;
  const { trace } = await play(restore, []);
  const at = trace.findIndex(({ name }) => name === "restic restore") + 1;

  const interrupted = await play(restore, [{ at, kind: "interrupted-slow" }]);
  expect(interrupted.endings[0]).toMatchObject({ kind: "threw", error: { message: "Ctrl-C" } });
  expect(interrupted.broken).toEqual([]);
  const killed = await play(restore, [{ at, kind: "dies" }]);
  expect(killed.broken).toEqual([]);
});
