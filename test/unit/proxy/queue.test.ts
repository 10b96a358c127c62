import { expect, test } from "vitest";
import { waitingRequests } from "../../../src/proxy/queue.ts";
import { playedSession } from "../../support/played-session.ts";

test("an engine that answers nothing more of a frozen proxy keeps nobody waiting: none waits in it", async () => {
  expect(await waitingRequests(playedSession().engine, "proxy", ["app.sock"], 20)).toBeUndefined();
});
