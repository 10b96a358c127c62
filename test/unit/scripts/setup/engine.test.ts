import { afterAll, beforeAll, expect, test } from "vitest";
import { probe } from "../../../../scripts/setup/engine-api.mjs";
import { bringEngine, isRecent } from "../../../../scripts/setup/engine.mjs";
import { startBadEngine } from "../../../support/bad-engine.ts";

test.each([
  ["1.41", true],
  ["1.52", true],
  ["2.0", true],
  ["1.40", false],
  ["1.5", false],
])("API %s: %s", (api, recent) => {
  expect(isRecent(api)).toBe(recent);
});

test("an address somebody chose is never replaced by an engine of ours", async () => {
  const asked = () => Promise.reject(new Error("asked to install"));
  const env = { DOCKER_HOST: "unix:///nowhere/docker.sock" };
  await expect(bringEngine(env, asked, asked)).rejects.toMatchObject({ key: "engineSilent" });
});

let engine: Awaited<ReturnType<typeof startBadEngine>>;
beforeAll(async () => void (engine = await startBadEngine()));
afterAll(() => engine.stop());

test("an engine that is too old is named so, and nothing is installed", async () => {
  const nothing = () => Promise.resolve();
  await expect(probe(engine.endpoint)).resolves.toEqual({ state: "up", api: "1.40" });
  const env = { DOCKER_HOST: engine.endpoint.host };
  await expect(bringEngine(env, nothing, nothing)).rejects.toMatchObject({ key: "engineTooOld" });
});
