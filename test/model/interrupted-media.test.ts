import { expect, test } from "vitest";
import { type Command, commands, run, siteAfter } from "./play.ts";
import { type Fault, useWorld, World } from "./world.ts";

const fresh = await siteAfter(commands.init);
const swapped = await siteAfter(commands.init, commands.swap);

/** Plays a command; how long it took from Ctrl-C to its end, in milliseconds. */
async function played(site: typeof fresh, command: Command, ...faults: Fault[]) {
  const world = useWorld(new World(structuredClone(site), faults));
  const moments = { interrupted: 0, ended: 0 };
  world.interrupt.signal.addEventListener("abort", () => (moments.interrupted = world.clock.now));
  const timed: Command = async (signal) => {
    const ended = () => void (moments.ended = world.clock.now);
    return await command(signal).finally(ended);
  };
  const ending = await run(world, timed);
  return { trace: world.trace, ending, world, tookMs: moments.ended - moments.interrupted };
}

test.for([
  { site: swapped, command: commands.restore, reading: "media.sh compare_content" },
  { site: swapped, command: commands.rollback, reading: "media.sh compare " },
  { site: fresh, command: commands.swap, reading: "media.sh take" },
])("Ctrl-C is heard while all media are read: $reading", async ({ site, command, reading }) => {
  const { trace } = await played(site, command);
  const at = trace.findIndex(({ name }) => name.startsWith(reading)) + 1;
  expect(at).toBeGreaterThan(0);

  // What cannot be interrupted goes on for a minute.
  const { ending, tookMs } = await played(site, command, { at, kind: "interrupted-slow" });

  expect(ending).toMatchObject({ result: { outcome: { kind: "restored" } } });
  expect(tookMs).toBeLessThan(5_000);
});
