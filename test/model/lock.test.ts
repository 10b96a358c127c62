import { expect, test } from "vitest";
import { withInstanceLock } from "../../src/instance/instance-lock.ts";
import { mediaCopy } from "../../src/instance/media.ts";
import { abortable } from "../../src/lib/abortable.ts";
import { modelEngine } from "./engine.ts";
import { commands, run, siteAfter } from "./play.ts";
import { type Data, type Fault, useWorld, World } from "./world.ts";

const site = await siteAfter(commands.init);

/** Holds the lock and asks for the media's shell twice. */
async function askTwice(faults: readonly Fault[]) {
  const world = useWorld(new World(structuredClone(site), faults));
  const outcomes: string[] = [];
  await run(world, async () => {
    const request = { instance: "biomaid", image: "own", operation: "swap 2" };
    await withInstanceLock(modelEngine, request, async (control) => {
      for (let time = 0; time < 2; time++) {
        const asked = control.media();
        outcomes.push(
          await asked.then(
            () => "opened",
            () => "failed",
          ),
        );
      }
    });
    return undefined;
  });
  return { world, outcomes };
}

const namesOf = ({ containers }: Data) => [...containers.values()].map(({ name }) => name);

test("a shell of the media that could not be opened is opened for whoever asks next, and the lock goes all the same", async () => {
  const { world: undisturbed, outcomes } = await askTwice([]);
  expect(outcomes).toEqual(["opened", "opened"]);
  const at = undisturbed.trace.findIndex(({ name }) => /create .*media/.test(name)) + 1;

  const { world, outcomes: found } = await askTwice([{ at, kind: "fails" }]);

  expect(found).toEqual(["failed", "opened"]);
  expect(namesOf(world.data)).toEqual(namesOf(site));
});

test("the lock goes although what was given up with the media still goes on", async () => {
  const copyMedia = async (faults: readonly Fault[]) => {
    const world = useWorld(new World(structuredClone(site), faults));
    let releasedAt = Infinity;
    await run(world, async () => {
      const request = { instance: "biomaid", image: "own", operation: "swap 2" };
      await withInstanceLock(modelEngine, request, async (control) => {
        const copied = mediaCopy(await control.media(), "take", 1);
        await abortable(AbortSignal.timeout(10), copied).catch(() => undefined);
      });
      releasedAt = world.clock.now;
      return undefined;
    });
    return { world, releasedAt };
  };
  const { world: undisturbed } = await copyMedia([]);
  const at = undisturbed.trace.findIndex(({ name }) => name.startsWith("media.sh take")) + 1;

  const { world, releasedAt } = await copyMedia([{ at, kind: "very-slow" }]);

  expect(releasedAt - site.now).toBeLessThan(1_000);
  expect(namesOf(world.data)).toEqual(namesOf(site));
});
