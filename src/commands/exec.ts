import { once } from "node:events";
import type { ExitCode } from "../errors.ts";
import { openSession } from "../engine/exec.ts";
import { readInstance } from "../instance/read-instance.ts";
import { ownGeneration } from "../instance/serving.ts";
import { type Command, openInstance } from "./command.ts";

/** What a shell reports of a program that has no reader any more (128 + SIGPIPE). */
const readerGone = 141;

/** Runs a command in the serving application; its streams and its exit status are ours. */
export const execCommand =
  (command: readonly string[]): Command =>
  async (environment) => {
    const { engine, name, names } = await openInstance(environment, { changes: true });
    const serving = ownGeneration(await readInstance(engine, name));
    const session = await openSession(engine, names.application(serving.number), command);
    session.stdout.pipe(process.stdout, { end: false });
    session.stderr.pipe(process.stderr, { end: false });
    if (process.stdin.isTTY) session.stdin.end();
    else process.stdin.pipe(session.stdin);
    const status = await Promise.race([
      session.ended,
      once(process.stdout, "error").then(() => readerGone),
    ]);
    process.stdin.destroy();
    // The program's own status, whatever ours would mean.
    return status as ExitCode;
  };
