import { linesSince, memoryOf } from "../engine/container-output.ts";
import { UpdaterError } from "../errors.ts";
import type { ApplicationSession } from "../instance/application.ts";
import { startRehearsedApplication } from "../instance/containers.ts";
import { tellWaiting } from "../instance/waiting.ts";
import { prepareRehearsalSlot } from "./rehearsal.ts";
import { freeMemory } from "../runner/preflight.ts";
import type { ProbeResult, RehearsalContext } from "./rehearsal-context.ts";
import type { Step } from "../runner/step.ts";
import { candidateParts } from "../steps/context.ts";
import { copyContainerLog } from "../steps/copy-container-log.ts";
import { databaseErrors } from "../postgres/errors-in-log.ts";
import { bootLimitSeconds } from "../steps/migrate-candidate.ts";
import { blockerIn } from "../steps/tell-database.ts";
import {
  loadRelease,
  releaseError,
  removeApplication,
  writeConfiguration,
} from "../steps/start-candidate.ts";

/**
 * Asks the serving version for its pages, on the copy: what the release is compared with. Asked in
 * production it would write there.
 */
export const askServing: Step<RehearsalContext> = {
  name: "ask-serving",

  async apply(context, signal) {
    const { instance, sessions, candidate, serving, facts } = context;
    try {
      await prepareRehearsalSlot(instance);
      await startRehearsedApplication(instance, { ...candidate, image: serving.image }, serving);
      const application = await sessions.application(candidate.number);
      await application.prepare(signal);
      await application.collectStatic(signal);
      await application.serve(bootLimitSeconds, signal);
      facts.asked = await ask(context, application, signal);
    } catch (error) {
      signal.throwIfAborted();
      // The release can be judged without it.
      instance.reporter.event({ type: "output", source: "application", line: String(error) });
      instance.reporter.event({ type: "note", note: "serving-not-asked" });
      await copyContainerLog(instance, "application", candidate.number);
    } finally {
      await removeApplication(context);
    }
  },
};

/** Starts the release on the copy, as a swap starts its candidate on the clone. */
export const startRehearsed: Step<RehearsalContext, Omit<RehearsalContext, "facts">> = {
  name: "start-candidate",

  async apply(context, signal) {
    await prepareRehearsalSlot(context.instance);
    await writeConfiguration(context);
    await startRehearsedApplication(context.instance, candidateParts(context));
    await loadRelease(context, signal);
  },

  async undo(context) {
    await copyContainerLog(context.instance, "application", context.candidate.number);
    await removeApplication(context);
  },
};

export const migrateRehearsed: Step<RehearsalContext> = {
  name: "migrate",

  async apply({ instance, sessions, candidate, release, facts }, signal) {
    const application = await sessions.application(candidate.number);
    const { timeLimitMs } = instance.configuration.rehearse;
    const limit = AbortSignal.timeout(timeLimitMs);
    try {
      const database = await sessions.database(candidate.number);
      const migrated = application.migrate(AbortSignal.any([signal, limit]), (migration) => {
        facts.migrations.push(migration);
      });
      const blocker = blockerIn(instance, candidate.number, database);
      await tellWaiting(instance.reporter, blocker, migrated);
      await application.check(signal);
    } catch (error) {
      signal.throwIfAborted();
      if (limit.aborted) {
        throw new UpdaterError("rehearsalTooLong", { seconds: timeLimitMs / 1000 }, error);
      }
      throw releaseError(error, release.tag);
    }
  },
};

/** Asks the release for its pages and looks at every answer, instead of stopping at a bad one. */
export const probeRehearsed: Step<RehearsalContext> = {
  name: "probe",

  async apply(context, signal) {
    const { sessions, candidate, release, facts, instance } = context;
    const application = await sessions.application(candidate.number);
    try {
      facts.answered = await ask(context, application, signal);
    } catch (error) {
      throw releaseError(error, release.tag);
    }
    if (facts.answered.user === null) {
      instance.reporter.event({ type: "note", note: "no-user-to-probe" });
    }
  },
};

async function ask(
  { instance, candidate }: RehearsalContext,
  application: ApplicationSession,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const began = Date.now();
  const { user, pages } = await application.probe(signal);
  const lines = await linesSince(instance.engine, instance.names.database(candidate.number), began);
  const errors = databaseErrors(lines);
  return {
    user,
    pages: pages.map((page, index) => {
      const until = pages[index + 1]?.began ?? Infinity;
      const during = errors.filter(({ at }) => at >= page.began && at < until);
      return { ...page, sqlErrors: [...new Set(during.map(({ message }) => message))] };
    }),
  };
}

/** What a swap needs, while everything that it would start is running. */
export const measureNeeds: Step<RehearsalContext> = {
  name: "measure-needs",

  async apply({ instance, sessions, candidate, facts }) {
    const { engine, names } = instance;
    const database = names.database(candidate.number);
    const asked = await sessions.application(candidate.number);
    facts.waited = {
      migrate: asked.waited("migrate") + asked.waited("check"),
      boot: asked.waited("serve"),
      probe: asked.waited("probe"),
    };
    const [application, cluster, free] = await Promise.all([
      memoryOf(engine, names.application(candidate.number)),
      memoryOf(engine, database),
      freeMemory(engine, database),
    ]);
    const needed = application + cluster;
    // What the rehearsal holds is free again once it is gone.
    facts.memory = { needed, free: free + needed };
  },
};
