import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { loadConfiguration } from "../../src/config/load.ts";
import { connectEngine } from "../../src/engine/connect.ts";
import { withInstanceLock } from "../../src/instance/instance-lock.ts";
import { instanceOf } from "../../src/instance/instance.ts";
import { isPending, writeScheduled } from "../../src/scheduled/scheduled-swaps.ts";
import { readInstance } from "../../src/instance/read-instance.ts";
import { docker } from "../support/docker.ts";
import { asRoot } from "../support/engine.ts";
import { journal } from "../support/journal-sample.ts";
import { startMailServer } from "../support/mail.ts";
import { localBranches, tags } from "../support/miniature.ts";
import { once } from "../support/once.ts";
import { Scene } from "../support/scene.ts";

const instance = "e2e-scheduled";
let scene: Scene;
let report: string;
/** A chat server, and what it was sent. */
let webhook: Server;
const posted: unknown[] = [];

beforeAll(async () => {
  scene = await Scene.set(instance);
  report = join(scene.site.folder, "report");
  await writeFile(report, `#!/bin/sh\necho "$UPDATER_TO $UPDATER_OUTCOME" >>"$0.said"\n`, {
    mode: 0o755,
  });
  webhook = createServer((request, response) => {
    void json(request).then((value) => {
      posted.push(value);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => webhook.listen(0, "127.0.0.1", resolve));
  const file = join(scene.site.folder, "webhook");
  const { port } = webhook.address() as AddressInfo;
  await writeFile(file, `http://127.0.0.1:${port}/hooks/a-token\n`, { mode: 0o600 });
  await scene.site.configure({
    scheduled: `report = "${report}"\nwebhook_file = "webhook"\nmail = ["it@hospital.example"]`,
  });
});

afterAll(async () => {
  webhook?.close();
  await scene?.site.remove();
});

const opened = async () => {
  const configuration = await loadConfiguration(join(scene.site.folder, "updater.toml"));
  const found = instanceOf(configuration, await connectEngine(), { event: () => undefined });
  return { found, ...(await readInstance(found.engine, instance)) };
};

/** As if its moment had come while the scheduler was away; it is started again. */
async function theMomentComes(): Promise<void> {
  const { found, state } = await opened();
  const at = new Date().toISOString();
  await scene.site.run("jobs", "stop");
  await writeScheduled(found, state.proxyImage, (swaps) =>
    swaps.map((swap) => (isPending(swap) ? { ...swap, at, rehearseAt: at } : swap)),
  );
  const { exitCode, all } = await scene.site.run("jobs", "start");
  expect(exitCode, all).toBe(0);
}

const told = async () => await readFile(`${report}.said`, "utf8").catch(() => "");

const untilTold = async (words: string) => {
  await vi.waitFor(async () => expect(await told()).toContain(words), {
    timeout: 240_000,
    interval: 300,
  });
};

test("a swap waits for its moment, is listed, and can be cancelled; one at a time", async () => {
  const { site } = scene;
  // There is nothing to do for one yet.
  expect((await site.run("jobs", "start")).exitCode).toBe(1);
  const asked = await site.run("swap", tags.additive, "--at", "2099-12-01 22:30");
  const again = await site.run("swap", tags.additive, "--at", "22:30");
  const never = await site.run("swap", tags.additive, "--at", "25:30");
  const unknown = await site.run("swap", "0.8.99", "--at", "22:30");
  const unobserved = await site.run("swap", tags.additive, "--at", "quiet");
  const listed = await site.run("scheduled");

  expect(asked.exitCode, asked.all).toBe(0);
  expect([again.exitCode, again.all]).toEqual([1, expect.stringContaining("scheduled already")]);
  expect(never.exitCode).toBe(2);
  expect(unknown.exitCode).toBe(1);
  expect([unobserved.exitCode, unobserved.all]).toEqual([
    1,
    expect.stringContaining("does not cover a day and a night"),
  ]);
  expect(listed.stdout).toMatch(/^1 Dec 2099.* swap 0\.8\.1 {2}waiting for its rehearsal/);
  expect((await site.run("status")).stdout).toContain("Scheduled: swap 0.8.1, 1 Dec 2099");
  expect((await site.run("scheduled", "cancel")).exitCode).toBe(0);
  expect((await site.run("scheduled")).stdout).toContain("0.8.1  cancelled");
  expect((await site.run("scheduled", "cancel")).exitCode).toBe(1);
});

test("one whose rehearsal finds it not ready is cancelled; program, webhook and people are told", async () => {
  const mails = await startMailServer(scene.site);
  await scene.site.run("swap", tags.losesRows, "--at", "2099-12-01 22:30");
  await theMomentComes();
  await untilTold(`${tags.losesRows} not-ready`);
  await vi.waitFor(() => expect(mails).toContain("To: it@hospital.example"), { timeout: 60_000 });

  const listed = await scene.site.run("scheduled");
  expect(listed.stdout).toContain("found it not ready");
  expect(listed.stdout).not.toContain("not delivered");
  expect(mails).toContain(`Subject: BiomAid ${instance}: swap ${tags.losesRows} cancelled`);
  expect(posted).toMatchObject([
    { type: "scheduled-swap", instance, tag: tags.losesRows, state: "not-ready", exitCode: 1 },
  ]);
  expect(await scene.status()).toMatchObject({ serving: 1 });
});

/** Its moment came while something else was going on; then the scheduler did it. */
const done = once(async () => {
  const { site } = scene;
  const postedBefore = posted.length;
  const typed = ["swap", tags.additive, "--local", tags.first, "--at", "2099-12-01 22:30"];
  await site.does(...typed);
  const { found, state } = await opened();
  const going = { instance, image: state.proxyImage, operation: "backup" };
  await withInstanceLock(found.engine, going, async () => {
    await theMomentComes();
    await vi.waitUntil(
      async () => (await site.run("scheduled")).stdout.includes("running “backup”"),
      { timeout: 60_000, interval: 1_000 },
    );
  });
  await untilTold(`${tags.additive} done`);
  return { postedBefore };
});

test("it waits for what is going on at its moment, is rehearsed, then done by the scheduler alone", async () => {
  const { site } = scene;
  const { postedBefore } = await done();

  expect((await scene.history()).slice(-2)).toMatchObject([
    { operation: "rehearse", to: tags.additive },
    { operation: "swap", to: tags.additive, outcome: "done" },
  ]);
  // Nobody takes mails in the new version.
  const last = async () => {
    const { stdout } = await site.run("scheduled");
    expect(stdout).toContain(`swap ${tags.additive} --local ${tags.first}  done`);
    expect(stdout).toMatch(/report not delivered: mail: \w*Error/);
    expect(stdout).not.toContain("a-token");
  };
  await vi.waitFor(last, { timeout: 60_000, interval: 1_000 });
  expect(posted).toHaveLength(postedBefore + 1);
});

test("a scheduler that died before it had told tells when it is back", async () => {
  await done();
  const postedBefore = posted.length;
  const { found, state } = await opened();
  await scene.site.run("jobs", "stop");
  await writeScheduled(found, state.proxyImage, (swaps) => [
    ...swaps.slice(0, -1),
    { ...swaps.at(-1)!, undelivered: null },
  ]);
  const { exitCode, all } = await scene.site.run("jobs", "start");
  expect(exitCode, all).toBe(0);
  await vi.waitFor(() => expect(posted).toHaveLength(postedBefore + 1), { timeout: 60_000 });
});

test("new local settings alone come at their moment, too", { tags: "long" }, async () => {
  await done();
  const { site } = scene;
  const commitOf = async (ref: string) => {
    const words = ["-C", site.repositories.local, "rev-parse", `${ref}^{commit}`];
    return (await execa("git", words)).stdout;
  };
  const served = async () => {
    const { generations, serving } = await scene.status();
    return generations.find(({ number }) => number === serving);
  };
  const { tag, localCommit } = (await served())!;
  expect(localCommit).toBe(await commitOf(tags.first));
  const choice = ["swap", "--local-only", localBranches.main];
  const asked = await site.run(...choice, "--at", "2099-12-01 22:30");
  expect(asked.exitCode, asked.all).toBe(0);
  await theMomentComes();

  const isDone = async () =>
    expect((await site.run("scheduled")).stdout).toContain(`${choice.join(" ")}  done`);
  await vi.waitFor(isDone, { timeout: 240_000, interval: 1_000 });
  expect(await served()).toMatchObject({ tag, localCommit: await commitOf(localBranches.main) });
});

test(
  "a scheduler that is stopped in the middle of a swap does not end it; the next one tells how it went",
  { tags: "long" },
  async () => {
    await done();
    await scene.reach(tags.first);
    const { site } = scene;
    await site.does("swap", tags.additive, "--at", "2099-12-01 22:30");
    const toldBefore = (await told()).split(`${tags.additive} done`).length;
    await theMomentComes();
    const attached = async () =>
      expect((await site.run("status")).stdout).toContain("Going on: swap 0.8.1");
    await vi.waitFor(attached, { timeout: 240_000, interval: 200 });
    await (await docker()).getContainer(`biomaid-${instance}-scheduler`).restart();

    const again = async () =>
      expect((await told()).split(`${tags.additive} done`)).toHaveLength(toldBefore + 1);
    await vi.waitFor(again, { timeout: 240_000, interval: 300 });
    expect(await scene.servingTag()).toBe(tags.additive);
  },
);

test(
  "what a rehearsal finds and was overridden beforehand does not keep a swap from its moment; what it cannot pass over is refused at once",
  { tags: "long" },
  async () => {
    await done();
    const { site } = scene;
    const at = ["--at", "2099-12-01 22:30"];
    const never = await site.run("swap", tags.losesRows, ...at, "--override", "older");
    const asked = await site.run("swap", tags.losesRows, ...at, "--override", "rows-lost");
    expect([never.exitCode, asked.exitCode], asked.all).toEqual([2, 0]);
    await theMomentComes();

    await untilTold(`${tags.losesRows} done`);
    expect(await scene.servingTag()).toBe(tags.losesRows);
  },
);

test(
  "a scheduled swap that nobody ends any more is told as failed, and keeps no other from being scheduled",
  { tags: "long" },
  async () => {
    await done();
    const { found, state } = await opened();
    const control = `biomaid-${instance}-control`;
    const begun = JSON.stringify({ ...journal, instance });
    await asRoot(instance, control, `printf '%s' '${begun}' >journal.json`);
    const since = new Date(Date.now() - 15 * 60_000).toISOString();
    await writeScheduled(found, state.proxyImage, (swaps) => [
      ...swaps,
      { ...swaps.at(-1)!, id: randomUUID(), tag: "0.8.5", state: "swapping", since },
    ]);

    await untilTold("0.8.5 failed");
    await asRoot(instance, control, "rm journal.json");
    const again = await scene.site.run("swap", tags.first, "--at", "2099-12-01 22:30");
    expect(again.all).not.toContain("scheduled already");
  },
);
