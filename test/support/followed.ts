import type { Database } from "../../src/postgres/connect.ts";
import {
  endFollowing,
  followedUpTo,
  pauseFollowing,
  reshape,
  resumeFollowing,
  startFollowing,
  unshape,
} from "../../src/postgres/follow/follower.ts";
import { lossOf, tableFiles, type TableLoss, withSettled } from "../../src/postgres/follow/loss.ts";
import { type FollowPlan, planFollowing, retiredTables } from "../../src/postgres/follow/plan.ts";
import {
  countFromHere,
  emptiedTables,
  publish,
  publishAlso,
  publishedSince,
  touchedTables,
  unpublish,
} from "../../src/postgres/follow/publication.ts";
import { makePlan } from "../../src/postgres/follow/make-plan.ts";
import { advanceSequences } from "../../src/postgres/follow/sequences.ts";
import { repairReferences } from "../../src/postgres/follow/repair-references.ts";
import { blocksWrittenSince, positionForLook } from "../../src/postgres/follow/written-blocks.ts";
import { flushedPosition } from "../../src/postgres/replication.ts";
import { type RollbackMap, rollbackClasses } from "../../src/postgres/rollback-classes.ts";
import { madeAnew } from "../../src/postgres/schema-match.ts";
import { readSchema } from "../../src/postgres/schema.ts";
import { inTransaction } from "../../src/postgres/transaction.ts";
import type { TableRollback } from "../../src/postgres/rollback-classes.ts";
import type { Postgres } from "./postgres.ts";

/** A database as the new version migrated it, and the old version's that follows it. */
export interface Followed {
  readonly serving: Database;
  readonly previous: Database;
  readonly classes: readonly TableRollback[];
  readonly plan: FollowPlan;
  /** Brings the old version's database up to date and gives it its shape back; tells what is lost. */
  rollback(options?: RollbackOptions): Promise<readonly TableLoss[]>;
  /** Leaves neither database behind. */
  remove(): Promise<void>;
}

interface RollbackOptions {
  readonly thenFollowAgain?: true;
  /** Nothing has arrived for a while: everything is compared. */
  readonly stopped?: boolean;
  /** Compares, then lets this be done, and compares only what was written meanwhile. */
  readonly meanwhile?: (serving: Database) => Promise<unknown>;
}

/** What makes the two databases what they are. */
interface Making {
  readonly create: (old: Database) => Promise<void>;
  readonly migrate: (now: Database) => Promise<void>;
  /** What is written before users come: by the first boot, and by pages that are probed. */
  readonly boot?: (now: Database) => Promise<void>;
  /** What the site puts into columns of the previous version. */
  readonly map?: RollbackMap | undefined;
}

let number = 0;

/** Both in one cluster: there can be one such pair at a time, as the slot has one name. */
export async function follow(
  postgres: Postgres,
  { create, migrate, boot, map }: Making,
): Promise<Followed> {
  const names = { old: `old_${++number}`, now: `now_${number}` };
  const first = await postgres.create(names.old);
  await create(first);
  await first.end();
  // A copy has the same oids, as the clone of a swap has.
  const serving = await postgres.create(names.now, names.old);
  const previous = await postgres.connect(names.old);
  await migrate(serving);
  await serving.query("SELECT pg_stat_force_next_flush()");
  const [was, is] = [await readSchema(previous), await readSchema(serving)];
  const counted = await touchedTables(serving);
  const migrated = { ...counted, added: [...counted.added, ...emptiedTables(was, is)] };
  const published = planFollowing(was, is, migrated, map);
  await publish(serving, published, migrated);
  await boot?.(serving);
  const booted = await readSchema(serving);
  const anew = madeAnew(is.tables, booted.tables);
  const changed = [...new Set([...migrated.changed, ...anew.map((table) => table.name)])];
  const touched = { ...migrated, changed };
  const booting = planFollowing(was, booted, touched, map);
  const retired = retiredTables(published, booting);
  if (anew.length + retired.length > 0) {
    await publishAlso(serving, booting, anew, { ...touched, retired });
  }
  await countFromHere(serving);
  const since = await publishedSince(serving);
  const plan = await makePlan(serving, previous, since!, map);
  await startFollowing(previous, plan, `host=/run/postgresql user=postgres dbname=${names.now}`);
  const signal = AbortSignal.timeout(60_000);
  return {
    serving,
    previous,
    plan,
    classes: rollbackClasses(was, booted, touched, map),
    async rollback({ thenFollowAgain, stopped, meanwhile } = {}) {
      const arriving = !stopped;
      const caughtUp = async () => {
        await serving.query("SELECT pg_stat_force_next_flush()");
        const position = await flushedPosition(serving);
        if (arriving) await followedUpTo(previous, position, { limitMs: 30_000, signal });
      };
      await caughtUp();
      const earlier = meanwhile && (await lookOf(serving, previous, plan, arriving));
      await meanwhile?.(serving);
      if (meanwhile) await caughtUp();
      const blocks = earlier && (await blocksWrittenSince(serving, earlier.position));
      const looked = earlier && blocks && { ...earlier, blocks };
      if (meanwhile && !looked) throw new Error("what was written meanwhile cannot be told");
      await pauseFollowing(previous);
      const losses = await inTransaction(previous, async () => {
        const settled = await repairReferences(previous, plan);
        const lost = await inTransaction(serving, async () => {
          const found = await lossOf(serving, previous, plan, { arriving, looked });
          return await withSettled(found, settled, serving, plan);
        });
        await unshape(previous, plan);
        return lost;
      });
      if (thenFollowAgain) {
        await reshape(previous, plan);
        await resumeFollowing(previous);
      } else {
        await advanceSequences(serving, previous);
        await endFollowing(previous);
        await unpublish(serving);
      }
      return losses;
    },
    async remove() {
      await serving.end();
      await previous.end();
      await postgres.drop(names.now);
      await postgres.drop(names.old);
    },
  };
}

async function lookOf(serving: Database, previous: Database, plan: FollowPlan, arriving: boolean) {
  const position = await positionForLook(serving, AbortSignal.timeout(10_000));
  if (position === undefined) throw new Error("somebody writes");
  const files = await tableFiles(serving);
  const compare = async () => await lossOf(serving, previous, plan, { arriving });
  const losses = await inTransaction(serving, async () => await inTransaction(previous, compare));
  return { position, files, losses };
}

/** As `follow`, from statements; a loss is told in a line. */
export async function followedPair(
  postgres: Postgres,
  tables: string,
  migration: string,
  map?: RollbackMap,
): Promise<
  Omit<Followed, "rollback"> & {
    rollback(...options: Parameters<Followed["rollback"]>): Promise<string[]>;
  }
> {
  const pair = await follow(postgres, {
    create: async (old) => void (await old.query(tables)),
    migrate: async (now) => void (await now.query(migration)),
    map,
  });
  return {
    ...pair,
    rollback: async (...options) => (await pair.rollback(...options)).flatMap(describe),
  };
}

/** A loss in lines: table, key and columns. */
export function describe({ table, rows, deleted }: TableLoss): string[] {
  return [
    ...rows.map(
      ({ key, columns }) => `${table} ${key.startsWith("[") ? key : "?"} ${columns.join(",")}`,
    ),
    ...(deleted > 0 ? [`${table} deleted ${deleted}`] : []),
  ];
}
