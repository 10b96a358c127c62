import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { baseImage } from "../../src/build/own-images.ts";
import { connectEngine } from "../../src/engine/connect.ts";
import { execute, feed, openSession } from "../../src/engine/exec.ts";
import { labelsOf } from "../../src/engine/labels.ts";
import { TestContainer } from "../support/container.ts";
import type { StartedTestContainer } from "testcontainers";

let container: StartedTestContainer;
beforeAll(async () => {
  container = await new TestContainer(baseImage, labelsOf("int-session", "scratch"))
    .withCommand(["sleep", "infinity"])
    .start();
});
afterAll(async () => await container?.stop());

/** Goes on until it is not read any more. */
function* endless() {
  for (;;) yield Buffer.alloc(65_536);
}

async function given(program: string, input: Readable) {
  const session = await openSession(await connectEngine(), container.getId(), [
    "sh",
    "-c",
    program,
  ]);
  session.stdout.resume();
  session.stderr.resume();
  const fed = await feed(session, input, AbortSignal.timeout(30_000)).catch(
    (error: unknown) => error,
  );
  return { fed, status: await session.ended.catch(() => undefined) };
}

test("a program that ends before it has read all of its input is judged by its status", async () => {
  // As pg_restore does, which does not read what it does not need.
  expect(await given("head -c 100", Readable.from(endless()))).toEqual({
    fed: undefined,
    status: 0,
  });
  expect(await given("exit 7", Readable.from(endless()))).toEqual({ fed: undefined, status: 7 });
});

test("an input that fails is told, whatever the program makes of what it has got", async () => {
  const broken = Readable.from(
    (function* () {
      yield "half of ";
      throw new Error("the disk is gone");
    })(),
  );
  const { fed } = await given("cat >/dev/null", broken);
  expect(fed).toMatchObject({ message: "the disk is gone" });
});

test("a program that prints without end is not listened to until memory is full", async () => {
  const engine = await connectEngine();
  const print = async (bytes: number) =>
    await execute(engine, container.getId(), ["head", "-c", String(bytes), "/dev/zero"]);

  await expect(print(1e9)).rejects.toThrow("printed more than 67108864 bytes");
  expect((await print(1e6)).stdout).toHaveLength(1e6);
});
