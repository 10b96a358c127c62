import type { ChildProcess } from "node:child_process";
import { request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type Load, startLoad } from "../support/load.ts";
import { mostHeld, waitingRequests } from "../../src/proxy/queue.ts";
import { everything, write } from "./proxy.mix.ts";
import { kill, type Slot, Stage } from "./proxy.stage.ts";

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

interface Serving {
  readonly application: ChildProcess;
  readonly slot: Slot;
}

/** Closes the gate, drains, kills what served, and opens towards the other slot. */
async function swap(
  { application: old, slot: from }: Serving,
  during: () => Promise<unknown>,
): Promise<Serving> {
  const to: Slot = from === 1 ? 2 : 1;
  const application = await stage.startApplication(`slot ${to}`, to);
  await stage.pointTo("gate");
  await stage.drain(from);
  await kill(old);
  await during();
  await stage.pointTo(to);
  return { application, slot: to };
}

/** What a client of its own connection is answered. */
async function statusOf(path: string, origin = stage.direct): Promise<number> {
  return await new Promise((resolve, reject) => {
    const asked = request(new URL(path, origin), { agent: false }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
    });
    asked.once("error", reject).end();
  });
}

/** What every load must end with, whatever happened meanwhile. */
const perfect = { failures: [], missing: [], duplicated: [], altered: [], unknown: [] };

/** Ends the load and compares what the clients say with what was executed. */
async function outcomeOf(load: Load): Promise<object> {
  const report = await load.stop();
  const outcome = { ...report, ...(await load.ledger.verify(stage.lookUp)) };
  console.log(JSON.stringify(outcome));
  return outcome;
}

test(
  "five holds, the old application killed after each drain: no request fails, each is executed once",
  { tags: "long" },
  async () => {
    let current: Serving = { application: await stage.startApplication("slot 1", 1), slot: 1 };
    await stage.pointTo(1);
    await stage.startGate("app.sock");
    await stage.startGate("app2.sock");
    const load = await startLoad({
      origin: stage.origin,
      clients: 30,
      thinkMs: 20,
      mix: everything,
    });
    await pause(1000);
    for (let hold = 1; hold <= 5; hold += 1) {
      current = await swap(current, () => pause(600));
      await pause(1000);
    }
    expect(await outcomeOf(load)).toMatchObject(perfect);
  },
);

test("either gate killed during a hold, and started again: no request fails, each is executed once", async () => {
  let current: Serving = { application: await stage.startApplication("slot 1", 1), slot: 1 };
  await stage.pointTo(1);
  let first = await stage.startGate("app.sock");
  let second = await stage.startGate("app2.sock");
  const load = await startLoad({ origin: stage.origin, clients: 30, thinkMs: 20, mix: everything });
  await pause(500);
  current = await swap(current, async () => {
    await pause(300);
    await kill(first);
    await pause(300);
    first = await stage.startGate("app.sock");
    await pause(300);
  });
  await pause(500);
  await swap(current, async () => {
    await pause(200);
    await kill(second);
    second = await stage.startGate("app2.sock");
    await pause(200);
    // What the second gate holds now has come to it from the first.
    await kill(first);
    await pause(200);
  });
  await pause(500);
  expect(await outcomeOf(load)).toMatchObject(perfect);
});

test("a gate that dies just after the switch: what it held is answered, each request executed once", async () => {
  await stage.startApplication("slot 2", 2);
  await stage.pointTo("gate");
  const first = await stage.startGate("app.sock");
  await stage.startGate("app2.sock");
  const keys = Array.from({ length: 20 }, (_, number) => `held-${number}-`);
  const held = keys.map((key) =>
    fetch(`${stage.origin}/page?key=${key}`, { method: "POST", body: "order" }),
  );
  await stage.untilThere(stage.socketOfGate(), keys.length);
  // It sees no switch any more, as if it had been killed at that very moment.
  first.kill("SIGSTOP");
  await stage.pointTo(2);
  await kill(first);
  const statuses = (await Promise.all(held)).map(({ status }) => status);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  for (const key of keys) expect(await stage.lookUp(key)).toHaveLength(1);
});

test("hundreds of held requests are all answered when the gate opens", async () => {
  await stage.startApplication("slot 1", 1);
  await stage.pointTo("gate");
  await stage.startGate("app.sock");
  const held = Array.from({ length: 800 }, (_, number) =>
    fetch(`${stage.origin}/page`, { method: "POST", body: `request ${number}` }),
  );
  await stage.untilThere(stage.socketOfGate(), held.length);
  await stage.pointTo(1);
  const statuses = (await Promise.all(held)).map(({ status }) => status);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
});

test("3,000 held requests are answered in the order they came, a few at a time, and none fails", async () => {
  const workers = 3;
  await stage.startWorkers(1, { workers, milliseconds: 2 });
  await stage.pointTo("gate");
  await stage.startGate("app.sock", { workers });
  await stage.startGate("app2.sock", { workers });
  const paths = Array.from({ length: 3_000 }, (_, number) => `/${number}`);
  const answers: Promise<number>[] = [];
  for (const path of paths) {
    answers.push(statusOf(path));
    if (answers.length % 50 === 0) await stage.untilThere(stage.socketOfGate(), answers.length);
  }
  const statuses = Promise.all(answers);
  const inside: number[] = [];

  await stage.pointTo(1);

  const application = [stage.socketOfWorkers(1)];
  const look = async () =>
    (await waitingRequests(stage.engine, stage.container, application))?.open;
  while ((await Promise.race([statuses, pause(20)])) === undefined)
    inside.push((await look()) ?? 0);
  expect((await statuses).filter((status) => status !== 200)).toEqual([]);
  const executed = await stage.executed();
  expect(new Set(executed).size).toBe(paths.length);
  // Fifty at a time came in whatever order nginx took them in.
  const misplaced = executed.map((path, place) => Math.abs(place - Number(path.slice(1))));
  expect(Math.max(...misplaced)).toBeLessThan(150);
  // More at most where another program had the processor for a moment.
  const usually = inside.toSorted((a, b) => a - b)[Math.floor(inside.length / 2)];
  expect(usually).toBeLessThan(8 * workers);
  expect(Math.max(...inside)).toBeLessThan(300);
});

test("as many as are held at most come through this machine's own interface, and none is cut off", async () => {
  const workers = 3;
  await stage.startWorkers(1, { workers, milliseconds: 2 });
  await stage.pointTo("gate");
  const most = await mostHeld(stage.engine, stage.container);
  await stage.startGate("app.sock", { workers, mostHeld: most });
  // More would say no more, where the engine lets its programs open any number of files.
  const count = Math.min(most, 4_000);
  const answers: Promise<number>[] = [];
  for (const number of Array.from({ length: count }, (_, index) => index)) {
    answers.push(statusOf(`/${number}`, stage.origin));
    if (answers.length % 50 === 0) await stage.untilThere(stage.socketOfGate(), answers.length);
  }

  await stage.pointTo(1);

  expect((await Promise.all(answers)).filter((status) => status !== 200)).toEqual([]);
});

test("a gate that dies long after it was opened, over its queue: the second one goes on with it, each request executed once", async () => {
  const workers = 2;
  await stage.startWorkers(2, { workers, milliseconds: 20 });
  await stage.pointTo("gate");
  const first = await stage.startGate("app.sock", { workers });
  await stage.startGate("app2.sock", { workers });
  const paths = Array.from({ length: 600 }, (_, number) => `/${number}`);
  const answers = Promise.all(paths.map(async (path) => await statusOf(path)));
  await stage.untilThere(stage.socketOfGate(), paths.length);
  await stage.pointTo(2);
  await pause(2_500);
  expect((await stage.executed()).length).toBeLessThan(paths.length - 100);
  await kill(first);
  expect((await answers).filter((status) => status !== 200)).toEqual([]);
  expect((await stage.executed()).toSorted()).toEqual(paths.toSorted());
});

test("a request that meets the gate again is held again, with its body", async () => {
  await stage.startApplication("slot 1", 1);
  await stage.startGate("app.sock");
  await stage.startGate("app.sock", { folder: "gate-b" });
  await stage.pointTo("gate");
  const answer = fetch(`${stage.origin}/page`, { method: "POST", body: "b".repeat(3_000_000) });
  await stage.untilThere(stage.socketOfGate("gate"), 1);
  await stage.pointTo("gate-b");
  await stage.untilThere(stage.socketOfGate("gate-b"), 1);
  await stage.pointTo("gate");
  await stage.untilThere(stage.socketOfGate("gate"), 1);
  await stage.pointTo(1);
  expect(await (await answer).json()).toMatchObject({ method: "POST", bytes: 3_000_000 });
});

test("a request held too long gets the maintenance page and is not executed", async () => {
  await stage.startApplication("slot 1", 1);
  await stage.pointTo("gate");
  await stage.startGate("app.sock", { holdMax: 300 });
  const page = await fetch(`${stage.origin}/page`, {
    headers: { Accept: "text/html", "Sec-Fetch-Dest": "document", "Accept-Language": "fr" },
  });
  expect(page.status).toBe(503);
  expect(page.headers.get("retry-after")).toBe("5");
  expect(await page.text()).toContain("en cours de mise à jour");

  const load = await startLoad({
    origin: stage.origin,
    clients: 5,
    allowMaintenance: true,
    mix: [{ weight: 1, run: (client) => write(client, 300_000) }],
  });
  await vi.waitFor(() => expect(load.counts.maintenance).toBeGreaterThan(5), 60_000);
  await stage.pointTo(1);
  const report = await load.stop();
  const ledger = await load.ledger.verify(stage.lookUp);
  expect(report.failures).toEqual([]);
  // Executed and acknowledged are the same here: nobody hung up.
  expect((await stage.lookUp(load.ledger.prefix)).length).toBe(ledger.acknowledged);
});

test("an application that dies while it is drained fails its own requests, and they are executed once", async () => {
  const application = await stage.startApplication("slot 1", 1);
  await stage.startApplication("slot 2", 2);
  await stage.pointTo(1);
  await stage.startGate("app.sock");
  await stage.startGate("app2.sock");
  const answer = fetch(`${stage.origin}/page?key=once&ms=6000`, { method: "POST", body: "order" });
  await vi.waitFor(async () => expect(await stage.lookUp("once")).toHaveLength(1), 60_000);
  await stage.pointTo("gate");
  const waiting = fetch(`${stage.origin}/page?key=other`, { method: "POST", body: "order" });
  await stage.untilThere(stage.socketOfGate(), 1);
  await kill(application);
  expect((await answer).status).toBe(502);
  await stage.pointTo(2);
  expect((await waiting).status).toBe(200);
  expect(await stage.lookUp("once")).toHaveLength(1);
  expect(await stage.lookUp("other")).toHaveLength(1);
});

test("a drain waits for slow pages and tells how many it gave up on", async () => {
  await stage.startApplication("slot 1", 1);
  await stage.pointTo(1);
  await stage.startGate("app.sock");
  const pages = [1, 2, 3].map(() => fetch(`${stage.origin}/page?ms=3000`));
  await stage.untilThere(stage.socketOf(1), pages.length);
  await stage.pointTo("gate");
  await expect(stage.drain(1, 500)).rejects.toMatchObject({
    code: "drainTimedOut",
    parameters: { open: 3 },
  });
  await stage.drain(1);
  // Answered already: the drain ended no earlier than they did.
  const statuses = Promise.all(pages).then((answers) => answers.map(({ status }) => status));
  expect(await Promise.race([statuses, pause(500)])).toEqual([200, 200, 200]);
});

test("a drain waits for requests the application has not even accepted", async () => {
  const application = await stage.startApplication("slot 1", 1);
  await stage.pointTo(1);
  await stage.startGate("app.sock");
  // As a worker that is busy with something else.
  application.kill("SIGSTOP");
  const page = fetch(`${stage.origin}/page`);
  await stage.untilThere(stage.socketOf(1), 1);
  await stage.pointTo("gate");
  await expect(stage.drain(1, 200)).rejects.toMatchObject({ parameters: { open: 1 } });
  application.kill("SIGCONT");
  await stage.drain(1);
  expect((await page).status).toBe(200);
});

test("a client that hangs up during the hold leaves nothing to execute", async () => {
  await stage.startApplication("slot 1", 1);
  await stage.pointTo("gate");
  await stage.startGate("app.sock");
  const load = await startLoad({
    origin: stage.origin,
    clients: 5,
    mix: [{ weight: 1, run: (client) => write(client, 300, { giveUpAfterMs: 100 }) }],
  });
  await vi.waitFor(() => expect(load.counts.givenUp).toBeGreaterThan(5), 60_000);
  await load.stop();
  await stage.pointTo(1);
  // Long enough for what the gate might have sent on all the same.
  await pause(500);
  expect(await stage.lookUp(load.ledger.prefix)).toEqual([]);
});
