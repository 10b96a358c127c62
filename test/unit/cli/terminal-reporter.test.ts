import { afterEach, expect, test, vi } from "vitest";
import { TextReporter } from "../../../src/cli/terminal-reporter.ts";
import type { Event } from "../../../src/instance/events.ts";
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

/** Lines on no terminal, in English. */
function reporting(): {
  readonly tell: (...events: readonly Event[]) => void;
  readonly written: string[];
} {
  const written: string[] = [];
  const stream = { isTTY: false, write: (text: string) => written.push(text) };
  const reporter = new TextReporter({
    catalogue: catalogueOf("en"),
    stream: stream as unknown as NodeJS.WriteStream,
    verbose: false,
  });
  return { tell: (...events) => events.forEach((event) => reporter.event(event)), written };
}

test("a build that lasts tells what it does", async () => {
  vi.useFakeTimers();
  const { tell, written } = reporting();
  tell({ type: "step-started", step: "build-image" });
  tell({ type: "output", source: "build", line: "[3/7] RUN pip install -r requirements.txt" });
  await vi.advanceTimersByTimeAsync(2_500);
  tell({ type: "step-finished", step: "build-image", milliseconds: 2_500 });
  expect(written[0]).toMatch(
    /^… Build the image at the tag {2}2\.\d s {2}\[3\/7\] RUN pip install/,
  );
});

test("what is waited for is a line, and its end is none", () => {
  const { tell, written } = reporting();
  const since = "2026-11-22T21:30:00.000Z";
  tell({ type: "waiting", for: { kind: "requests", since, count: 3 } });
  tell({ type: "waited", milliseconds: 4_000 });
  expect(written).toEqual([
    expect.stringMatching(
      /^ {2}… Waiting for 3 requests .*docker logs --since 10m biomaid-NAME-proxy\n$/,
    ),
  ]);
});

test("a move names the folder that it comes from, and a return the one it leads to", () => {
  const written: string[] = [];
  const stream = { isTTY: false, write: (text: string) => written.push(text) };
  const reporter = new TextReporter({
    catalogue: catalogueOf("en"),
    stream: stream as unknown as NodeJS.WriteStream,
    verbose: false,
  });
  const started = {
    type: "operation-started",
    instance: "site",
    from: "0.8.0",
    to: "0.8.0",
  } as const;
  const machine = "/home/production/biomaid";
  reporter.event({ ...started, operation: "swap", machine });
  reporter.event({ ...started, operation: "rollback", machine });
  reporter.event({ ...started, operation: "swap" });

  expect(written).toEqual([
    "Moving site in: BiomAid 0.8.0 of /home/production/biomaid\n",
    "Taking site back to BiomAid 0.8.0 of /home/production/biomaid\n",
    "Renewing site: 0.8.0, with new settings\n",
  ]);
});
