import { expect, test } from "vitest";
import { withoutBegun } from "../../../src/jobs/reconcile-run.ts";
import { nextRuns } from "../../../src/jobs/schedule.ts";
import { book, only, run } from "../../support/jobs-sample.ts";

test("a run that was written down and never started is as due as before", () => {
  const { finishedAt: _, outcome: __, error: ___, jobs: ____, ...begun } = run("done");
  const running = { ...begun, due: "2026-11-23T01:11:00.000Z" };
  const left = { ...book, running, seenTo: { daily: "2026-11-23T01:11:05.000Z" } };
  const { running: none, seenTo } = withoutBegun(left, begun.id);
  expect(none).toBeNull();
  expect(nextRuns(only("daily"), seenTo, new Date())).toEqual([
    { kind: "daily", due: running.due },
  ]);
});
