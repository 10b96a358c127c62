import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Queue } from "../../../src/gate/queue.ts";

const workers = 2;
/** Requests of one release, where nobody else stands in line. */
const release = 3 * workers;

/** Stands in for an application: everybody in its line waits until it is their turn. */
class Application {
  readonly line: (() => void)[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket: Socket) => this.line.push(() => socket.end()));
  }

  static async listen(path: string): Promise<Application> {
    const application = new Application(createServer({ allowHalfOpen: true }));
    await new Promise<void>((resolve) => application.#server.listen(path, resolve));
    return application;
  }

  begin(): void {
    this.line.shift()?.();
  }

  close(): void {
    this.#server.close();
    while (this.line.length > 0) this.begin();
  }
}

let folder: string;
let path: string;
let sent: number[];
const closing: Application[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "queue-"));
  path = join(folder, "app.sock");
  sent = [];
});
afterEach(() => {
  for (const application of closing.splice(0)) application.close();
  rmSync(folder, { recursive: true });
});

async function listen(): Promise<Application> {
  const application = await Application.listen(path);
  closing.push(application);
  return application;
}

function queueOf(requests: number, sendOn: (number: number) => void = () => undefined): Queue {
  const queue = new Queue(path, workers);
  for (let number = 0; number < requests; number++) {
    queue.add({
      since: performance.now(),
      sendOn: () => {
        sent.push(number);
        sendOn(number);
        return Promise.resolve();
      },
      turnAway: () => undefined,
    });
  }
  return queue;
}

const open = () => true;
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

test("those who are held are sent on in the order they came, a few at a time, as the application begins with them", async () => {
  const application = await listen();
  const requests: number[] = [];
  const queue = queueOf(40, (number) => application.line.push(() => requests.push(number)));

  queue.release(open);

  await vi.waitFor(() => expect(application.line).toHaveLength(2 * (release + 2)));
  expect(sent).toEqual(upTo(2 * release));
  await pause(200);
  expect(sent).toEqual(upTo(2 * release));
  // One release, and those of ours that stood before and behind it.
  for (let turn = 0; turn < release + 2; turn++) application.begin();
  await vi.waitFor(() => expect(sent).toEqual(upTo(3 * release)));
  while (requests.length < 40) {
    application.begin();
    await pause(1);
  }
  expect(requests).toEqual(upTo(40));
});

test("those who come anew are answered too, and don't pass a queue faster than it moves", async () => {
  const application = await listen();
  const served = { begun: 0, passed: 0 };
  const queue = queueOf(300, () => application.line.push(() => (served.begun += 1)));
  // More than the application answers, at any time.
  const comeAnew = () => {
    while (application.line.length < 200) application.line.push(() => (served.passed += 1));
  };
  comeAnew();

  queue.release(open);

  while (served.begun < 300) {
    comeAnew();
    application.begin();
    await pause(1);
  }
  expect(served.passed).toBeGreaterThan(served.begun / 3);
  expect(served.passed).toBeLessThan(served.begun * 3);
});

test("nobody is sent to an application that does not listen yet", async () => {
  // As a process that was killed leaves its socket.
  const dies = `net.createServer().listen("${path}", () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["--eval", dies]);
  const queue = queueOf(3);

  queue.release(open);

  await pause(200);
  expect(sent).toEqual([]);
  rmSync(path);
  await listen();
  await vi.waitFor(() => expect(sent).toEqual(upTo(3)));
});

test("a line that cannot be seen holds nobody back for long", async () => {
  const queue = queueOf(3 * release);
  queue.release(open);
  await vi.waitFor(() => expect(sent).toEqual(upTo(3 * release)));
});

test("a gate that is closed again goes on holding those who are left", async () => {
  const application = await listen();
  let isOpen = true;
  const queue = queueOf(40);
  queue.release(() => isOpen);
  await vi.waitFor(() => expect(sent).toHaveLength(2 * release));
  isOpen = false;
  while (application.line.length > 0) application.begin();
  await pause(100);
  expect(queue.size).toBe(40 - 2 * release);
  isOpen = true;
  const work = setInterval(() => application.begin(), 1);
  queue.release(() => isOpen);
  await vi.waitFor(() => expect(sent).toEqual(upTo(40)));
  clearInterval(work);
});
