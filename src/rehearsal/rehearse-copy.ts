import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { feed, openSession } from "../engine/exec.ts";
import { UpdaterError } from "../errors.ts";
import { abortable } from "../lib/abortable.ts";
import { removeRehearsalParts } from "./rehearsal.ts";
import type { RehearsalContext } from "./rehearsal-context.ts";
import type { Step } from "../runner/step.ts";
import { clusterSize, dropSlot, replayedPosition } from "../postgres/replication.ts";

type Copy = Pick<RehearsalContext, "instance" | "sessions" | "candidate">;

async function remove({ instance, sessions, candidate }: Copy): Promise<void> {
  await sessions.closeGeneration(candidate.number);
  await removeRehearsalParts(instance);
}

/** One rehearsal at a time: the one before goes, kept or cut off. */
export const clearRehearsal: Step<Copy, Copy> = {
  name: "clear-rehearsal",
  apply: remove,
  undo: remove,
};

export const removeRehearsal: Step<Copy> = { name: "remove-rehearsal", apply: remove };

/** From here on production has nothing to do with the copy: it keeps no log for it any more. */
export const detachCopy: Step<RehearsalContext> = {
  name: "detach-copy",

  async apply({ instance, sessions, serving, candidate, facts }) {
    const copy = await sessions.database(candidate.number);
    const position = await replayedPosition(copy);
    facts.copy = { at: new Date().toISOString(), position, size: await clusterSize(copy) };
    const source = await sessions.database(serving.number);
    await dropSlot(source, instance.names.cloneSlot(candidate.number));
  },
};

/** The site's own script, before any release or reader of ours sees the copy. */
export const sanitizeCopy: Step<Copy> = {
  name: "sanitize",

  async apply({ instance, candidate }, signal) {
    const { engine, names, configuration, reporter } = instance;
    const file = configuration.rehearse.sanitize;
    if (file === undefined) return;
    const session = await openSession(
      engine,
      names.database(candidate.number),
      [
        "psql",
        "--quiet",
        "--no-psqlrc",
        "--set=ON_ERROR_STOP=1",
        "--single-transaction",
        `--dbname=${configuration.database.name}`,
      ],
      { user: "postgres" },
    );
    const errors: string[] = [];
    session.stdout.resume();
    createInterface({ input: session.stderr }).on("line", (line) => {
      if (/ERROR|FATAL|error:/.test(line)) errors.push(line.replace(/^psql:<stdin>:/, ""));
      reporter.event({ type: "output", source: "database", line });
    });
    const failed = (reason: string, cause?: unknown) =>
      new UpdaterError("sanitizeFails", { file, reason }, cause);
    try {
      await feed(session, createReadStream(file), signal);
    } catch (error) {
      signal.throwIfAborted();
      // psql stops reading at the first error, and says which on its standard error.
      if (errors.length === 0) throw failed(String(error), error);
    }
    const status = await abortable(signal, session.ended);
    if (status !== 0) throw failed(errors[0] ?? `psql: ${status}`);
  },
};
