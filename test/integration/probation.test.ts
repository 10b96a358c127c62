import { request } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { UpdaterError } from "../../src/errors.ts";
import type { Event } from "../../src/instance/events.ts";
import { probation } from "../../src/steps/probation.ts";
import { clientOf } from "../../src/engine/connect.ts";
import { Stage } from "./proxy.stage.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});
afterEach(async () => {
  await stage.killEverything();
});
afterAll(async () => {
  await stage.close();
});

/** Milliseconds a page may take. */
const timeLimitMs = 400;

/** Asks a page past the proxy, as the program in the application's container does; 0 when it does not come. */
async function probe(): Promise<number> {
  const socketPath = join(stage.folder, "slot-1/app.sock");
  return await new Promise((resolve) => {
    const asked = request({ socketPath, path: "/probe", agent: false, timeout: timeLimitMs });
    asked.once("response", (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
    });
    asked.once("timeout", () => asked.destroy());
    asked.once("close", () => resolve(0));
    asked.once("error", () => resolve(0));
    asked.end();
  });
}

/** Watches what serves on the stage; returns the notes it was told. */
async function watch(): Promise<string[]> {
  const notes: string[] = [];
  const context = {
    instance: {
      engine: stage.engine,
      name: "stage",
      names: { proxy: stage.container, application: () => stage.container },
      configuration: {
        probation: { durationMs: 1_500, intervalMs: 100, failures: 3 },
        probe: { timeLimitMs, pages: ["/probe"], anonymousPages: [] },
      },
      reporter: { event: (event: Event) => event.type === "note" && notes.push(event.note) },
    },
    sessions: {
      application: () => ({
        probe: async () => ({
          pages: [{ page: "/probe", status: await probe(), signed_in: true }],
        }),
      }),
      closeGeneration: () => Promise.resolve(),
    },
    candidate: { number: 2 },
    target: { slot: 1 },
    release: { tag: "0.8.1" },
  };
  type Context = Parameters<typeof probation.apply>[0];
  await probation.apply(context as unknown as Context, new AbortController().signal);
  return notes;
}

/** Sends requests, and waits until most of them stand before the check. */
async function ask(requests: number): Promise<() => Promise<number[]>> {
  const answers = Array.from({ length: requests }, async () => (await fetch(stage.origin)).status);
  const statuses = Promise.all(answers);
  await stage.untilThere(stage.socketOfWorkers(1), requests / 2);
  return async () => await statuses;
}

test("a version that works off a queue is not blamed for the check that waits in it", async () => {
  await stage.startWorkers(1, { workers: 2, milliseconds: 100 });
  await stage.pointTo(1);
  // Six seconds of work.
  const answered = await ask(120);
  expect(await watch()).toEqual(["probation-in-queue"]);
  expect(new Set(await answered())).toEqual(new Set([200]));
});

test("a version that answers nobody is found sick, however many stand in its queue", async () => {
  const workers = await stage.startWorkers(1, { workers: 2, milliseconds: 100 });
  await stage.pointTo(1);
  const frozen = clientOf(stage.engine).getContainer(workers.getId());
  await frozen.pause();
  const answered = await ask(20);
  try {
    await expect(watch()).rejects.toMatchObject({ code: "probationFailed" });
    await expect(watch()).rejects.toBeInstanceOf(UpdaterError);
  } finally {
    await frozen.unpause();
  }
  await answered();
});
