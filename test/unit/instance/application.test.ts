import { expect, test } from "vitest";
import { ApplicationError, ApplicationSession } from "../../../src/instance/application.ts";
import type { Event } from "../../../src/instance/events.ts";
import type { Instance } from "../../../src/instance/instance.ts";
import { playedSession } from "../../support/played-session.ts";

/** Longer than a line may be. */
const endless = "x".repeat(1_100_000);

/** An application, and what a test writes in its name. */
async function opened() {
  const { engine, stdout, stderr } = playedSession();
  const told: Event[] = [];
  const instance = {
    engine,
    names: { application: () => "biomaid-production-g1-app" },
    reporter: { event: (event: Event) => void told.push(event) },
    configuration: {
      probe: { pages: [], anonymousPages: ["/"], userAgent: "updater", timeLimitMs: 1_000 },
      site: { hostNames: ["localhost"] },
      rehearse: { timeLimitMs: 1_000 },
    },
  } as unknown as Instance;
  const session = await ApplicationSession.open(instance, 1);
  return { session, told, stdout, stderr };
}

const soon = () => AbortSignal.timeout(2_000);

test("an answer without an end is none", async () => {
  const { session, stdout } = await opened();
  const answer = session.ping(soon());
  stdout.write(endless);

  await expect(answer).rejects.toBeInstanceOf(ApplicationError);
});

test("what is printed without an end is told in pieces, and the answer is heard", async () => {
  const { session, told, stdout, stderr } = await opened();
  const answer = session.ping(soon());
  for (let times = 0; times < 3; times += 1) stderr.write(endless);
  const page = { page: "/", status: 200, milliseconds: 1, signed_in: false };
  stdout.write(`${JSON.stringify({ done: { pages: [page] } })}\n`);

  expect(await answer).toMatchObject([page]);
  expect(told).toMatchObject([{ line: endless }, { line: endless }, { line: endless }]);
});
