import { expect, test } from "vitest";
import { reportRecovery } from "../../../src/commands/operation-report.ts";
import type { Environment } from "../../../src/commands/command.ts";
import type { OperationResult } from "../../../src/runner/run.ts";
import { UpdaterError } from "../../../src/errors.ts";
import { catalogueOf } from "../../../src/text/catalogue.ts";

/** What `recover` prints of how an operation ended. */
function printed(result: Partial<OperationResult>): string {
  const said: string[] = [];
  const environment = {
    catalogue: catalogueOf("en"),
    print: (text: string) => void said.push(text),
  } as unknown as Environment;
  const ended: OperationResult = {
    operation: "swap",
    instance: "production",
    from: "0.8.0",
    to: "0.8.1",
    outcome: { kind: "done" },
    hold: null,
    steps: {},
    ...result,
  };
  reportRecovery(environment, ended, 0);
  return said.join("\n");
}

test("what a failure behind the switch had left is told step by step once it is done, and not as a whole operation", () => {
  const text = printed({ tidied: true, steps: { "switch-static": 12, retire: 300 } });

  expect(text).toBe(
    "What was left of “swap 0.8.1” is done: Switch the static files, Retire the generation left. 0.8.1 is serving.",
  );
});

test("an operation that was killed behind the switch is told as finished", () => {
  expect(printed({ steps: { commit: 1 } })).toBe("“swap 0.8.1” is finished: 0.8.1 is serving.");
});

const failed = {
  kind: "needs-human",
  error: new UpdaterError("killed", { operation: "swap", to: "0.8.1" }),
  undoError: new UpdaterError("undoTooLong", { step: "fence", seconds: 60 }),
} as const;

test("where undoing failed and users wait at the gate, that is said, and what helps; whoever recovers has not seen it close", () => {
  const text = printed({ outcome: failed, servingNow: null });

  expect(text).toContain("Undoing “fence” did not end within 60 s.");
  expect(text).toContain("Production: undoing failed too. Users may be waiting.");
  expect(text).toContain("Next: See who serves: updater status. Then: updater recover.");
});

test("where undoing failed and users are served, it says by what", () => {
  expect(printed({ outcome: failed, servingNow: "0.8.0" })).toContain(
    "Production: 0.8.0 is serving, undisturbed",
  );
});

test("a version that failed its probation is said to serve only where it does", () => {
  const error = new UpdaterError("probationFailed", { tag: "0.8.1", failures: 3, last: 502 });
  const outcome = { ...failed, error };

  expect(printed({ outcome, servingNow: "0.8.1" })).toContain("0.8.1 is serving, unwell");
  expect(printed({ outcome, servingNow: null })).not.toContain("is serving");
});
