import { expect, test } from "vitest";
import type { Instance } from "../../src/instance/instance.ts";
import { changeLockedFile } from "../../src/instance/locked-file.ts";
import { namesOf } from "../../src/instance/names.ts";
import { modelEngine } from "./engine.ts";
import { commands, run, siteAfter } from "./play.ts";
import { type Data, type Fault, useWorld, World } from "./world.ts";

const site = await siteAfter(commands.init);
const instance = {
  engine: modelEngine,
  name: "biomaid",
  names: namesOf("biomaid"),
  reporter: { event: () => undefined },
} as unknown as Instance;

const write = async (number: number) =>
  await changeLockedFile(instance, "own", "jobs.json", (before) => `${before}${number}`);

/** The engine is restarted, and leaves containers alive, while a process writes. */
async function restartedWhileWriting(then: () => Promise<void>) {
  const writing = async (...faults: Fault[]) => {
    const world = useWorld(new World(structuredClone(site), faults));
    const ending = await run(world, async () => {
      await write(1).catch(() => undefined);
      await then();
      return undefined;
    });
    return { world, ending };
  };
  const { trace } = (await writing()).world;
  const at = trace.findIndex(({ name }) => name.includes(" jobs.json ")) + 1;
  expect(at).toBeGreaterThan(0);
  return await writing({ at, kind: "engine-restarts" });
}

const written = { kind: "result", result: undefined };
const contentOf = ({ files }: Data) => files.get("control/jobs.json");
const namesIn = ({ containers }: Data) => [...containers.values()].map(({ name }) => name);

test("after the engine was restarted a process can write down what it was writing", async () => {
  const { world, ending } = await restartedWhileWriting(async () => await write(2));

  expect(ending).toEqual(written);
  expect(contentOf(world.data)).toContain("2");
  expect(namesIn(world.data)).toEqual(namesIn(site));
});

test("after the engine was restarted another process can write down what one that died was writing", async () => {
  const { world } = await restartedWhileWriting(async () => await new Promise(() => undefined));

  const next = await run(world, async () => {
    await write(2);
    return undefined;
  });

  expect(next).toEqual(written);
  expect(contentOf(world.data)).toContain("2");
  expect(namesIn(world.data)).toEqual(namesIn(site));
});

test("two that write at once in one process do so one after the other", async () => {
  const world = useWorld(new World(structuredClone(site), []));

  await run(world, async () => {
    await Promise.all([write(1), write(2)]);
    return undefined;
  });

  expect(contentOf(world.data)).toMatch(/1.*2|2.*1/s);
});
