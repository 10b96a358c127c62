import { expect, test } from "vitest";
import type { Shell } from "../../../src/engine/shell.ts";
import { drain } from "../../../src/proxy/drain.ts";

/** Answers as the command in the container does: connections, looks in a row without any. */
function shellThatAnswers(...answers: readonly string[]): Shell & { commands: string[] } {
  const commands: string[] = [];
  return {
    commands,
    run: async (command) => {
      commands.push(command);
      return answers[Math.min(commands.length, answers.length) - 1] ?? "";
    },
  };
}

const socket = "/run/biomaid/slot-1/app.sock";

test("the drain asks again while requests are open", async () => {
  const shell = shellThatAnswers("3 0", "0 2", "0 3");
  await drain(shell, socket, { limitMs: 1000 });
  expect(shell.commands).toHaveLength(3);
});

test("requests still open at the limit are counted in the error", async () => {
  await expect(drain(shellThatAnswers("4 0"), socket, { limitMs: 0 })).rejects.toMatchObject({
    code: "drainTimedOut",
    parameters: { seconds: 0, open: 4 },
  });
});

test("an abort ends the drain between two commands", async () => {
  const controller = new AbortController();
  const shell: Shell = {
    run: async () => {
      controller.abort(new Error("Ctrl-C"));
      return "1 0";
    },
  };
  await expect(
    drain(shell, socket, { limitMs: 60_000, signal: controller.signal }),
  ).rejects.toThrow("Ctrl-C");
});

test("what is still open is told at each look that finds some", async () => {
  const open: number[] = [];
  const shell = shellThatAnswers("3 0", "1 0", "0 3");
  await drain(shell, socket, { limitMs: 1000, onOpen: (requests) => void open.push(requests) });
  expect(open).toEqual([3, 1]);
});
