import { lastLines } from "../engine/container-output.ts";
import { UpdaterError } from "../errors.ts";
import type { Probed } from "../instance/application-answers.ts";
import { tellWaiting } from "../instance/waiting.ts";
import { output } from "../runner/outputs.ts";
import type { Step } from "../runner/step.ts";
import { touchedTables } from "../postgres/follow/publication.ts";
import type { Migrated } from "../postgres/rollback-classes.ts";
import type { ReleaseContext } from "./context.ts";
import { releaseError } from "./start-candidate.ts";
import { blockerIn } from "./tell-database.ts";

/** Tables whose rows the migrations touched. */
export const migratedTables = output<Migrated>("tables that were migrated");

export const migrateCandidate: Step<ReleaseContext> = {
  name: "migrate",
  gate: "closed",

  async apply({ instance, sessions, candidate, release, outputs }, signal) {
    const application = await sessions.application(candidate.number);
    const database = await sessions.database(candidate.number);
    const blocker = blockerIn(instance, candidate.number, database);
    try {
      await tellWaiting(instance.reporter, blocker, application.migrate(signal));
      await application.check(signal);
    } catch (error) {
      throw releaseError(error, release.tag);
    }
    outputs.set(migratedTables, await touchedTables(database));
  },
};

/** Seconds a release may take to boot. */
export const bootLimitSeconds = 60;

/** The release's first boot on its own, migrated database: here it may change tables. */
export const bootCandidate: Step<ReleaseContext> = {
  name: "boot",
  gate: "closed",

  async apply({ instance, sessions, candidate, release }, signal) {
    const application = await sessions.application(candidate.number);
    const database = await sessions.database(candidate.number);
    const blocker = blockerIn(instance, candidate.number, database);
    try {
      await tellWaiting(instance.reporter, blocker, application.serve(bootLimitSeconds, signal));
    } catch (error) {
      signal.throwIfAborted();
      const container = instance.names.application(candidate.number);
      const exception = exceptionIn(await lastLines(instance.engine, container, 100));
      if (exception === undefined) throw releaseError(error, release.tag);
      throw new UpdaterError("releaseFails", { tag: release.tag, reason: exception }, error);
    }
  },
};

/** The last exception a Python program printed. */
function exceptionIn(lines: readonly string[]): string | undefined {
  return lines.findLast((line) => /^[\w.]*(Error|Exception|DoesNotExist)\b/.test(line));
}

/** Asks the release what its users will ask, before any of them can. */
export const probeCandidate: Step<ReleaseContext> = {
  name: "probe",
  gate: "closed",

  async apply({ sessions, candidate, release, instance, state }, signal) {
    const application = await sessions.application(candidate.number);
    const known = state.current.generations.find(({ number }) => number === candidate.number);
    try {
      const probed = await application.probe(signal);
      // What was installed by hand is asked from outside, where nobody is signed in.
      if (probed.user === null && !known?.bareMetal) {
        instance.reporter.event({ type: "note", note: "no-user-to-probe" });
      }
      refuseUnhealthy(probed.pages, release.tag);
    } catch (error) {
      throw releaseError(error, release.tag);
    }
  },
};

/** @throws UpdaterError `pagesFail` naming every page that did not answer 200 */
export function refuseUnhealthy(pages: Probed["pages"], tag: string): void {
  const failing = pages.filter(({ status }) => status !== 200);
  if (failing.length === 0) return;
  throw new UpdaterError("pagesFail", {
    tag,
    pages: failing.map(({ page, status, signed_in: signedIn }) => ({ page, status, signedIn })),
  });
}
