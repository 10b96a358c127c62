import { readFileSync } from "node:fs";
import type promises from "node:fs/promises";
import { expect, test, vi } from "vitest";
import type { Environment } from "../../src/commands/command.ts";
import { runJobCommand } from "../../src/commands/jobs.ts";
import { catalogueOf } from "../../src/text/catalogue.ts";
import { settle } from "./clock.ts";
import { commands, instance, siteAfter } from "./play.ts";
import { type Fault, useWorld, World } from "./world.ts";

vi.mock("../../src/commands/command.ts", () => ({
  openInstance: () => Promise.resolve(instance),
}));

// What the jobs' program is read from is no part of the model: a real disk may take longer than its whole time.
vi.mock("node:fs/promises", async (original) => ({
  ...(await original<typeof promises>()),
  readFile: (file: URL | string, encoding: "utf8") => Promise.resolve(readFileSync(file, encoding)),
}));

const site = await siteAfter(commands.init);
const jobs = "biomaid-biomaid-job";

/** Somebody types it, and jobs go on until they are ended: what has become of it when it has ended, or `seen`. */
async function typed(world: World, seen: () => boolean = () => false) {
  const ended: { how?: unknown } = {};
  const environment = {
    language: "en",
    catalogue: catalogueOf("en"),
    reporter: { event: () => undefined },
    signal: world.interrupt.signal,
    hangUp: new AbortController().signal,
    print: () => undefined,
  } as unknown as Environment;
  runJobCommand("daily")(environment).then(
    (exitCode) => (ended.how = exitCode ?? 0),
    (error: unknown) => (ended.how = error),
  );
  for (let turn = 0; turn < 10_000 && ended.how === undefined && !seen(); turn++) {
    await settle();
    if (turn % 4 === 3) world.clock.advance();
  }
  const written = JSON.parse(world.data.files.get("control/jobs.json") ?? "{}") as {
    running?: object | null;
  };
  const container = world.find(jobs)?.state;
  return { ending: ended.how, container, running: written.running ?? null };
}

const worldWith = (...faults: Fault[]) => useWorld(new World(structuredClone(site), faults));

/** Jobs at work, and a command that waits for them. */
async function atWork() {
  const world = worldWith();
  const begun = await typed(world, () => world.find(jobs)?.state === "running");
  expect(begun).toMatchObject({ ending: undefined, container: "running" });
  return world;
}

test("Ctrl-C ends jobs, whenever it is typed", async () => {
  const { trace } = await atWork();
  const began = trace.findIndex(({ name }) => name === `start ${jobs}`) + 1;
  for (let at = 1; at <= began + 2; at++) {
    const world = worldWith({ at, kind: "interrupted" });
    const { ending, container, running } = await typed(world);
    const where = trace[at - 1]?.name;

    expect({ where, container, running }).toEqual({ where, container: undefined, running: null });
    expect(ending, where).toBeDefined();
  }
});

test("Ctrl-C that was typed before there was anything to end keeps jobs from beginning", async () => {
  const world = worldWith();
  world.interrupt.abort(new Error("Ctrl-C"));
  const { ending } = await typed(world);

  expect(ending).toMatchObject({ message: "Ctrl-C" });
  expect(world.trace.map(({ name }) => name)).not.toContain(`create ${jobs}`);
});

test("Ctrl-C of who finds others' jobs leaves those alone", async () => {
  const { data } = await atWork();
  const world = useWorld(new World(structuredClone(data), [{ at: 3, kind: "interrupted" }]));
  const { ending, container } = await typed(world);

  expect(world.interrupt.signal.aborted).toBe(true);
  expect(ending).toMatchObject({ code: "jobRuns" });
  expect(container).toBe("running");
});
