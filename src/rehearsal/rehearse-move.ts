import { randomBytes } from "node:crypto";
import { diffArrays } from "diff";
import { fillMeasured, noteLoaded, startCopy } from "../move-in/move-database.ts";
import { removeDatabase } from "../move-in/enable-replication.ts";
import { foreseeHeld } from "../move-in/replicate-database.ts";
import { lookThroughMedia } from "../move-in/move-media.ts";
import type { Compared } from "../instance/application-answers.ts";
import type { ApplicationSession } from "../instance/application.ts";
import { clusterSize, flushedPosition } from "../postgres/replication.ts";
import type { Step } from "../runner/step.ts";
import type { RehearsalContext } from "./rehearsal-context.ts";

/** What the session's name begins with that is made to compare pages, in both databases. */
const ours = "biomaidupdater";

/** For how long it is valid, should nobody remove it. */
const validity = "10 minutes";

/** Copies the machine's database as a move does, and looks through its media. */
export const copyMachine: Step<RehearsalContext, RehearsalContext> = {
  name: "copy-database",

  async apply(context, signal) {
    const { sessions, serving, candidate, facts } = context;
    const position = await flushedPosition(await sessions.database(serving.number));
    const at = new Date().toISOString();
    await startCopy(context, signal);
    const took = await fillMeasured(context, signal);
    await noteLoaded(context, signal);
    const size = await clusterSize(await sessions.database(candidate.number));
    facts.copy = { at, position, size };
    const began = performance.now();
    await lookThroughMedia(context, serving, signal);
    const media = performance.now() - began;
    facts.moving = { database: await foreseeHeld(context, took), media };
  },

  undo: removeDatabase,
};

/**
 * Asks the installation by hand and the copy for the same pages, as the same user. To the installation it is a visit of that
 * user: BiomAid notes when each was last there.
 */
export const compareWithMachine: Step<RehearsalContext> = {
  name: "ask-serving",

  async apply(context, signal) {
    const { instance, sessions, serving, candidate, facts } = context;
    const application = await sessions.application(candidate.number);
    const key = ours + randomBytes(9).toString("hex");
    try {
      // An image that an earlier updater built cannot be asked, and nobody is signed in for that.
      const byHand = await sessions.application(serving.number);
      await byHand.compare(undefined, signal);
      const { user, cookie } = await admit(context, application, key, signal);
      const before = await byHand.compare(cookie, signal);
      const after = await application.compare(cookie, signal);
      facts.asked = {
        user,
        pages: before.map((page) => ({ ...page, sqlErrors: [] })),
      };
      facts.differing = before.map(
        (page, index) => [page, differingLines(page, after[index])] as const,
      );
    } catch (error) {
      signal.throwIfAborted();
      // The copy can be judged without it.
      instance.reporter.event({ type: "output", source: "application", line: String(error) });
      instance.reporter.event({ type: "note", note: "serving-not-asked" });
      // What it says next would be an answer to this.
      await sessions.closeGeneration(serving.number);
    } finally {
      await forget(context);
    }
    // A kept rehearsal is to show none of ours.
    await application.dismiss(key, signal);
  },
};

interface Visitor {
  readonly user: string | null;
  readonly cookie: string | undefined;
}

/**
 * One session in both databases, each written by the site's own role: what the site has made of its tables runs with its rights.
 */
async function admit(
  { asSite }: RehearsalContext,
  application: ApplicationSession,
  key: string,
  signal: AbortSignal,
): Promise<Visitor> {
  const admitted = await application.admit(key, signal);
  if (admitted.user === null || !asSite) return { user: null, cookie: undefined };
  const machine = await asSite();
  try {
    const insert = `INSERT INTO django_session (session_key, session_data, expire_date) VALUES ($1, $2, now() + interval '${validity}')`;
    await machine.query(insert, [key, admitted.data]);
  } finally {
    await machine.end();
  }
  return { user: admitted.user, cookie: `${admitted.cookie}=${key}` };
}

/** Ends every session of ours on the machine, those of a rehearsal that was killed, too. */
async function forget({ asSite }: RehearsalContext): Promise<void> {
  const machine = await asSite?.();
  if (!machine) return;
  try {
    await machine.query("DELETE FROM django_session WHERE session_key LIKE $1", [`${ours}%`]);
  } finally {
    await machine.end();
  }
}

type Page = Pick<Compared[number], "lines" | "again">;

/** How many lines one page has that the other has not, or has elsewhere; what changes with each answer does not count. */
export function differingLines(one: Page, other: Page | undefined): number {
  if (!other) return 0;
  const changing = new Set([...changingIn(one), ...changingIn(other)]);
  const steady = ({ lines }: Page) => lines.filter((line) => !changing.has(line));
  return diffArrays(steady(one), steady(other))
    .filter(({ added, removed }) => added || removed)
    .reduce((sum, { count }) => sum + count, 0);
}

/** Lines that do not come with every answer. */
function changingIn({ lines, again }: Page): string[] {
  const [first, second] = [new Set(lines), new Set(again)];
  return [...first.symmetricDifference(second)];
}
