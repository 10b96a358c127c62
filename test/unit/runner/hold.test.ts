import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Event } from "../../../src/instance/events.ts";
import { Hold } from "../../../src/runner/hold.ts";
import { recordLog } from "../../../src/runner/log.ts";
import { catalogueOf, languages, type Wait } from "../../../src/text/catalogue.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const since = "2026-11-22T21:30:00.000Z";
const session: Wait = {
  kind: "session",
  since,
  container: "biomaid-production-g2-db",
  pid: 42,
  who: "biomaid psql",
  statement: "UPDATE …",
};

/** Why a hold of ten seconds is given up in which all this is told. */
async function givenUp(...events: readonly Event[]): Promise<unknown> {
  const log = recordLog({ event: () => undefined });
  const hold = new Hold(10_000, log.reporter, log.awaited);
  hold.start();
  for (const event of events) log.reporter.event(event);
  await vi.advanceTimersByTimeAsync(10_000);
  hold.stop();
  return hold.signal.reason;
}

test("a hold that is too long says for what was waited at that moment, and how to end it", async () => {
  const error = await givenUp({ type: "waiting", for: session });

  expect(error).toMatchObject({ code: "holdTooLong", parameters: { awaited: session } });
  for (const language of languages) {
    const text = catalogueOf(language).errors.holdTooLong({ seconds: 10, awaited: session });
    expect(text.what).toContain("42");
    expect(text.next).toContain("pg_terminate_backend(42)");
  }
});

test("it blames nothing that was over by then", async () => {
  const over = { type: "waited", milliseconds: 3_000 } as const;

  const error = await givenUp({ type: "waiting", for: session }, over);

  expect(error).toMatchObject({ code: "holdTooLong", parameters: { awaited: null } });
});

test("of several holds the longest counts", async () => {
  const log = recordLog({ event: () => undefined });
  const hold = new Hold(10_000, log.reporter, log.awaited);

  for (const milliseconds of [3_000, 1_000]) {
    hold.start();
    await vi.advanceTimersByTimeAsync(milliseconds);
    hold.stop();
  }

  expect(hold.durationMs).toBe(3_000);
});
