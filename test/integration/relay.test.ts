import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartedTestContainer } from "testcontainers";
import { labelsOf } from "../../src/engine/labels.ts";
import { TestContainer } from "../support/container.ts";

const root = join(import.meta.dirname, "../..");

let machine: StartedTestContainer;
beforeAll(async () => {
  const folders = ["images/biomaid", "test/fixtures/relay"].map((folder) => join(root, folder));
  machine = await new TestContainer("biomaid-updater/python:3.11", labelsOf("int-relay", "scratch"))
    .withEntrypoint(["sleep", "infinity"])
    .withBindMounts(folders.map((path) => ({ source: path, target: path, mode: "ro" })))
    .start();
});
afterAll(async () => void (await machine?.stop({ timeout: 0 })));

/** What users see in a scene of scenes.py: gunicorn's pages are its name. */
async function seen(scene: string): Promise<unknown> {
  const play = join(root, "test/fixtures/relay/scenes.py");
  const command = ["python3", "-B", play, join(root, "images/biomaid/relay.py"), scene];
  const { exitCode, stdout, stderr } = await machine.exec(command);
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout) as unknown;
}

test("whoever stands in gives gunicorn its place back when it ends, and answers those it has let in", async () => {
  expect(await seen("ends")).toEqual({
    through: "first",
    slow: ["first"],
    status: 0,
    after: "first",
    names: ["biomaid.sock"],
  });
});

test("a gunicorn that ends and comes back makes users wait, and is reached where it is now", async () => {
  expect(await seen("restarts")).toEqual({ meanwhile: ["second"], after: "second" });
});

test("what one that was killed has left is put right by the next, or by who only leaves", async () => {
  expect(await seen("killed")).toEqual({
    dead: "ConnectionRefusedError",
    left: "first",
    names: ["biomaid.sock"],
    again: "first",
  });
});

test("while pages do not come by the whole way users reach gunicorn without anybody who stands in", async () => {
  expect(await seen("not-there-yet")).toEqual({ before: [false, "first"], after: "first" });
});
