import type Docker from "dockerode";
import { expect, test } from "vitest";
import { Engine } from "../../../src/engine/connect.ts";
import type { Message } from "../../../src/supervision/operator-message.ts";
import { messagesOf } from "../../../src/supervision/read-messages.ts";

test("whoever follows an operation is told that the engine is away", async () => {
  const away = () => Promise.reject(new Error("connect ECONNREFUSED /var/run/docker.sock"));
  const client = { getContainer: () => ({ logs: away, inspect: away }) };
  const engine = new Engine(client as unknown as Docker);
  const leave = new AbortController();
  const said: Message[] = [];

  for await (const message of messagesOf(engine, "operator", leave.signal)) {
    said.push(message);
    leave.abort();
  }

  expect(said).toEqual([
    {
      message: "event",
      event: { type: "waiting", for: { kind: "engine", since: expect.any(String) } },
    },
  ]);
}, 10_000);
