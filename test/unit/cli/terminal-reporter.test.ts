import { afterEach, expect, test, vi } from "vitest";
import { TextReporter } from "../../../src/cli/terminal-reporter.ts";
import { catalogueOf } from "../../../src/text/catalogue.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("who waits for a queue at the gate is told how long it is, also while something is undone", () => {
  vi.useFakeTimers();
  const written: string[] = [];
  const stream = { isTTY: false, write: (text: string) => written.push(text) };
  const reporter = new TextReporter({
    catalogue: catalogueOf("en"),
    stream: stream as unknown as NodeJS.WriteStream,
    verbose: false,
  });
  const progress = { type: "progress", done: 1_786, total: 5_000, unit: "requests" } as const;
  reporter.event({ type: "step-started", step: "stop-gates" });
  reporter.event({ ...progress, step: "stop-gates" });
  vi.advanceTimersByTime(2_500);
  reporter.event({ type: "step-failed", step: "stop-gates", milliseconds: 2_500 });
  reporter.event({ ...progress, step: "start-gates" });
  vi.advanceTimersByTime(2_500);
  reporter.event({ type: "step-undone", step: "start-gates" });
  vi.advanceTimersByTime(60_000);
  expect(written).toEqual([
    expect.stringMatching(/^… Stop the gate {2}2\.\d s {2}a queue of 3,214 requests\n$/),
    expect.stringMatching(/^✖ Stop the gate/),
    expect.stringMatching(/^… Start the gate {2}2\.\d s {2}a queue of 3,214 requests\n$/),
    expect.stringMatching(/undone: Start the gate/),
  ]);
});

test("progress on no terminal is a line a step, with its time", () => {
  const written: string[] = [];
  const stream = { isTTY: false, write: (text: string) => written.push(text) };
  const reporter = new TextReporter({
    catalogue: catalogueOf("fr"),
    stream: stream as unknown as NodeJS.WriteStream,
    verbose: false,
  });
  reporter.event({ type: "step-started", step: "clone-database" });
  reporter.event({ type: "progress", step: "clone-database", done: 1, total: 2, unit: "bytes" });
  reporter.event({ type: "output", source: "database", line: "unseen" });
  reporter.event({ type: "step-finished", step: "clone-database", milliseconds: 1500 });
  expect(written).toEqual([expect.stringMatching(/^✔ Copie de la base en service +1,5\ss\n$/u)]);
});
