import { expect, test } from "vitest";
import { recordLog } from "../../../src/runner/log.ts";

test("a log keeps the beginning of a line that is too long", () => {
  const { reporter, text } = recordLog({ event: () => undefined });
  const line = "x".repeat(1_000_000);
  reporter.event({ type: "output", source: "application", line });

  expect(text()).toMatch(/ application: x+…\n$/);
  expect(text().length).toBeLessThan(5_000);
});
