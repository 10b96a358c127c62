import type Docker from "dockerode";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Engine } from "../../../src/engine/connect.ts";
import { label } from "../../../src/engine/labels.ts";
import type { Event } from "../../../src/instance/events.ts";
import type { Instance } from "../../../src/instance/instance.ts";
import { removeUnusedImages } from "../../../src/instance/prune.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("whoever waits for an engine that removes an image is told, as prune has nothing else to say", async () => {
  const removal = Promise.withResolvers<void>();
  const Labels = { [label.role]: "image" };
  const image = { inspect: async () => ({ Config: { Labels } }), remove: () => removal.promise };
  const client = {
    listImages: async () => [{ Id: "1", RepoTags: ["biomaid-site:0.8.0"], Labels }],
    getImage: () => image,
  };
  const events: Event[] = [];
  const instance = {
    name: "site",
    engine: new Engine(client as unknown as Docker),
    reporter: { event: (event: Event) => void events.push(event) },
  } as unknown as Instance;

  const removed = removeUnusedImages(instance, []);
  await vi.advanceTimersByTimeAsync(3_000);
  removal.resolve();

  expect(await removed).toEqual(["biomaid-site:0.8.0"]);
  expect(events).toContainEqual({
    type: "waiting",
    for: expect.objectContaining({ kind: "engine" }),
  });
});
