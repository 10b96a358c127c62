import { telling } from "../instance/waiting.ts";
import { connectDatabase, type Database } from "../postgres/connect.ts";
import { compareData } from "../postgres/compare-data.ts";
import { brokenConstraints, readSequences } from "../postgres/consistency.ts";
import {
  countRows,
  dropDigests,
  droppedValues,
  keepDigests,
  letSessionsTellWaiting,
} from "../postgres/digest.ts";
import { mappingFailures } from "../postgres/follow/mapping.ts";
import { readSchema } from "../postgres/schema.ts";
import type { RehearsalContext } from "./rehearsal-context.ts";
import type { Step } from "../runner/step.ts";

/** Notes every row of the copy, so that what a migration loses or changes can be named. */
export const measureData: Step<RehearsalContext> = {
  name: "measure-data",

  async apply(context) {
    await withCopy(context, async (copy) => {
      context.facts.before = await readSchema(copy);
      await keepDigests(copy, context.facts.before);
      await letSessionsTellWaiting(copy);
    });
  },
};

export const compareMigrated: Step<RehearsalContext> = {
  name: "compare-data",

  async apply(context) {
    const { facts } = context;
    const { before } = facts;
    if (!before) return;
    await withCopy(context, async (copy) => {
      const migrated = await readSchema(copy);
      facts.migrated = migrated;
      facts.data = await compareData(copy, before, migrated);
      const { map } = context.instance.configuration.rollback;
      facts.mappingFailures = await mappingFailures(copy, before, migrated, map);
      facts.droppedValues = await droppedValues(copy, before, migrated);
      facts.sequences = await readSequences(copy, before, migrated);
      facts.constraints = await brokenConstraints(copy, migrated);
    });
  },
};

/** BiomAid creates and drops tables when it boots. */
export const compareBooted: Step<RehearsalContext> = {
  name: "compare-boot",

  async apply(context) {
    const { facts } = context;
    await withCopy(context, async (copy) => {
      // A kept rehearsal is to show none of our notes.
      await dropDigests(copy);
      facts.booted = await readSchema(copy);
      facts.rows = await countRows(copy, facts.booted);
    });
  },
};

/** Reading all data takes longer than any statement while users wait may. */
async function withCopy(
  { instance, candidate }: RehearsalContext,
  read: (copy: Database) => Promise<void>,
): Promise<void> {
  const { engine, names, configuration, reporter } = instance;
  const copy = await connectDatabase(engine, names.database(candidate.number), {
    database: configuration.database.name,
    statementLimit: configuration.rehearse.timeLimitMs,
    tell: telling(reporter),
  });
  try {
    await read(copy);
  } finally {
    await copy.end();
  }
}
