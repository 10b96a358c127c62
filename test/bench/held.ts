import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { clientOf, connectEngine, type Engine } from "../../src/engine/connect.ts";
import { memoryOf } from "../../src/engine/container-output.ts";
import { execute } from "../../src/engine/exec.ts";
import { namesOf, paths } from "../../src/instance/names.ts";
import { userAndGroup, users as numbers } from "../../src/instance/users.ts";
import { shellCommand } from "../../src/lib/script.ts";
import { mostHeld, waitingRequests } from "../../src/proxy/queue.ts";
import { Client } from "../support/load/client.ts";
import { Recorder } from "../support/load/recorder.ts";
import { Ledger } from "../support/ledger.ts";
import { pages, tags } from "../support/miniature.ts";
import { operatorOf } from "../support/operator.ts";
import { createSite } from "../support/site.ts";
import { seconds, tableOf } from "../support/table.ts";
import type { Options } from "./measure.ts";
import { usersOf } from "./users.ts";

/** What a program held while requests waited. */
interface Held {
  /** Bytes. */
  readonly memory: number;
  readonly files: number;
}

/** One swap in whose hold so many requests came. */
export interface ManyHeld {
  readonly requests: number;
  /** How many the gate takes in front of this proxy. */
  readonly most: number;
  /** How many it held at once. */
  readonly held: number;
  readonly hold: number;
  /** Milliseconds from the opening to the last answer. */
  readonly released: number;
  readonly failed: number;
  readonly turnedAway: number;
  readonly writesWrong: number;
  /** Share of all pairs of requests of which the later one was executed first. */
  readonly inversions: number;
  readonly before: Readonly<Record<"gate" | "proxy", Held>>;
  readonly full: Readonly<Record<"gate" | "proxy", Held>>;
}

/** Clients that begin in a tenth of a second. */
const atOnce = 125;

/** Of a machine's own making: which of two that come in the same millisecond is taken in first. */
const allowedInversions = 0.01;

/** Lets so many clients write while a migration of twenty seconds is made. */
export async function measureHeld(
  counts: readonly number[],
  options: Options,
): Promise<readonly ManyHeld[]> {
  const site = await createSite(`bench-${randomBytes(3).toString("hex")}`);
  const measured: ManyHeld[] = [];
  try {
    await site.configure({
      hold: `max = "60s"`,
      // As where other machines reach it: on this one's own interface fewer are held.
      listen: `address = "0.0.0.0"\nport = ${site.port}`,
    });
    let begun = () => undefined as unknown;
    const operator = operatorOf({
      configuration: join(site.folder, "updater.toml"),
      progress: (doing) => {
        options.progress(doing);
        if (doing === "swap: migrate") begun();
      },
      signal: options.signal,
    });
    await operator.operate("init", tags.additive, "--from-dump", site.dump);
    const engine = await connectEngine();
    const names = namesOf(site.instance);
    // As they would: what comes from this machine's own interface goes through a program of the engine's.
    const origin = `http://${await addressOf(engine, names.proxy)}:8080`;
    const users = usersOf(site.origin, { uploads: false });
    const look = async () => ({
      gate: await heldBy(engine, names.gate, numbers.gate),
      proxy: await heldBy(engine, names.proxy, numbers.proxy),
    });
    const sockets = ["app.sock", "app2.sock"].map((socket) => `${paths.gate}/${socket}`);
    for (const requests of counts) {
      const most = await mostHeld(engine, names.proxy);
      const recorder = new Recorder();
      const ledger = new Ledger();
      const clients = clientsOf(requests, { origin, recorder, ledger });
      await users.signIn(clients[0]!);
      const cookies = [...clients[0]!.cookies];
      for (const client of clients)
        for (const [key, value] of cookies) client.cookies.set(key, value);
      const closed = new Promise<unknown>((resolve) => (begun = () => resolve(undefined)));
      const swapped = operator.operate("swap", tags.longMigration);
      // Told where it is waited for.
      swapped.catch(() => undefined);
      await Promise.race([closed, swapped]);
      const before = await look();
      const answers: Promise<unknown>[] = [];
      for (const client of clients) {
        answers.push(write(client));
        if (answers.length % atOnce === 0) await pause(100, undefined, { signal: options.signal });
      }
      const atGate = async () => (await waitingRequests(engine, names.proxy, sockets))?.open ?? 0;
      const held = await untilHeld(atGate, Math.min(requests, most));
      options.progress(`${held} are held`);
      const full = await look();
      const [openedAt] = await Promise.all([untilFewer(atGate, held), ...answers]);
      const released = performance.now() - openedAt;
      const { hold } = await swapped;
      const report = await ledger.verify(users.lookUp);
      const executed = (await users.lookUp(ledger.prefix)).map(({ key }) =>
        key.slice(ledger.prefix.length),
      );
      measured.push({
        requests,
        most,
        held,
        hold: hold ?? 0,
        released,
        failed: recorder.counts.failed,
        turnedAway: recorder.counts.maintenance,
        writesWrong: report.missing.length + report.duplicated.length + report.altered.length,
        inversions: inversionsOf(executed.map(Number)),
        before,
        full,
      });
      await operator.operate("rollback");
    }
    return measured;
  } finally {
    options.progress("removing the site");
    await site.remove();
  }
}

function clientsOf(
  count: number,
  how: { readonly origin: string; readonly recorder: Recorder; readonly ledger: Ledger },
): readonly Client[] {
  const options = { ...how, host: "localhost", patienceMs: 600_000, allowMaintenance: true };
  return Array.from({ length: count }, (_, number) => new Client(number, options));
}

/** Counted by the recorder, however it ends. */
async function write(client: Client): Promise<void> {
  const asked = client.write((key) => ({
    method: "POST",
    path: `${pages.ledger}${key}/`,
    body: Buffer.from(key),
  }));
  await asked.catch(() => undefined);
}

/** @returns how many are held once these are, or the gate has opened */
async function untilHeld(atGate: () => Promise<number>, all: number): Promise<number> {
  let held = 0;
  for (;;) {
    const now = await atGate();
    if (now < held || now >= all) return Math.max(held, now);
    held = now;
    await pause(100);
  }
}

/** @returns when the first of those who were held was sent on, by `performance.now()` */
async function untilFewer(atGate: () => Promise<number>, held: number): Promise<number> {
  while ((await atGate()) >= held) await pause(20);
  return performance.now();
}

async function addressOf(engine: Engine, container: string): Promise<string> {
  const { NetworkSettings: network } = await clientOf(engine).getContainer(container).inspect();
  const [first] = Object.values(network.Networks);
  if (!first) throw new Error(`${container} has no network`);
  return first.IPAddress;
}

async function heldBy(engine: Engine, container: string, user: number): Promise<Held> {
  const files = shellCommand("ls /proc/[0-9]*/fd 2>/dev/null | grep -c '^[0-9]'");
  const { stdout } = await execute(engine, container, files, { user: userAndGroup(user) });
  return { memory: await memoryOf(engine, container), files: Number(stdout) };
}

/** Counted while sorting by merging: quick for thousands. */
function inversionsOf(order: readonly number[]): number {
  let inversions = 0;
  const sorted = (part: readonly number[]): number[] => {
    if (part.length < 2) return [...part];
    const middle = part.length >> 1;
    const [left, right] = [sorted(part.slice(0, middle)), sorted(part.slice(middle))];
    const merged: number[] = [];
    let at = 0;
    for (const value of right) {
      while (at < left.length && left[at]! <= value) merged.push(left[at++]!);
      inversions += left.length - at;
      merged.push(value);
    }
    return [...merged, ...left.slice(at)];
  };
  sorted(order);
  return order.length < 2 ? 0 : inversions / ((order.length * (order.length - 1)) / 2);
}

export function releasesInOrder(measured: readonly ManyHeld[]): boolean {
  return measured.every(
    ({ requests, most, failed, turnedAway, writesWrong, inversions }) =>
      failed + writesWrong === 0 &&
      turnedAway <= Math.max(0, requests - most) &&
      inversions <= allowedInversions,
  );
}

export function heldText(measured: readonly ManyHeld[]): string {
  const megabytes = ({ memory }: Held) => `${Math.round(memory / 1e6)} MB`;
  const row = (title: string, of: (one: ManyHeld) => string) => [title, ...measured.map(of)];
  return tableOf([
    row("requests that came in the hold", ({ requests }) => String(requests)),
    row("held at once", ({ held }) => String(held)),
    row("hold", ({ hold }) => seconds(hold)),
    row("from the opening to the last answer", ({ released }) => seconds(released)),
    row("failed", ({ failed }) => String(failed)),
    row("got the maintenance page", ({ turnedAway }) => String(turnedAway)),
    row("writes lost or done twice", ({ writesWrong }) => String(writesWrong)),
    row("out of order, of all pairs", ({ inversions }) => `${(inversions * 100).toFixed(3)} %`),
    row("memory of the gate, empty", ({ before }) => megabytes(before.gate)),
    row("… full", ({ full }) => megabytes(full.gate)),
    row("memory of the proxy, empty", ({ before }) => megabytes(before.proxy)),
    row("… full", ({ full }) => megabytes(full.proxy)),
    row("files of the gate", ({ full }) => String(full.gate.files)),
    row("files of the proxy", ({ full }) => String(full.proxy.files)),
  ]);
}
