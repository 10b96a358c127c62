import type { ExitCode } from "../errors.ts";
import { openSession } from "../engine/exec.ts";
import { viewInstance } from "../instance/view.ts";
import { servingGeneration } from "../operations/serving.ts";
import { type Command, openInstance } from "./command.ts";

/** Runs a command in the serving application; its streams and its exit status are ours. */
export const execCommand =
  (command: readonly string[]): Command =>
  async (environment) => {
    const { engine, name, names } = await openInstance(environment);
    const serving = servingGeneration(await viewInstance(engine, name), name);
    const session = await openSession(engine, names.application(serving.number), command);
    session.stdout.pipe(process.stdout, { end: false });
    session.stderr.pipe(process.stderr, { end: false });
    if (process.stdin.isTTY) session.stdin.end();
    else process.stdin.pipe(session.stdin);
    const status = await session.ended;
    process.stdin.destroy();
    // The program's own status, whatever ours would mean.
    return status as ExitCode;
  };
