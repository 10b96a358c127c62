import { z } from "zod";

const observed = z.object({
  /** "dem.0003_devise" */
  name: z.string(),
  /** Milliseconds, without those of watching. */
  milliseconds: z.number(),
  /** Milliseconds that watching took. */
  overhead: z.number(),
  atomic: z.boolean(),
  reversible: z.boolean(),
  /** Django's class ("AddField"), and its own words, English. */
  operations: z.array(
    z.object({ kind: z.string(), description: z.string(), reversible: z.boolean() }),
  ),
  /** The first of them, with placeholders: never a parameter, which may be users' data. */
  statements: z.array(
    z.object({ sql: z.string(), milliseconds: z.number(), rows: z.number().nullable() }),
  ),
  statementCount: z.number(),
  /** By PostgreSQL's name ("AccessExclusiveLock"), from the statement that took it to the end of the migration. */
  locks: z.array(z.object({ table: z.string(), mode: z.string(), milliseconds: z.number() })),
  /** Tables PostgreSQL wrote anew from the first row to the last. */
  rewrites: z.array(z.string()),
  touched: z.array(
    z.object({
      table: z.string(),
      inserted: z.number(),
      updated: z.number(),
      deleted: z.number(),
    }),
  ),
  /** In the database's words. */
  failure: z.string().nullable(),
});

/** What a migration did on a copy of the data. */
export type ObservedMigration = z.infer<typeof observed>;

/** What a release's own code said. */
const failure = z.object({ kind: z.string(), message: z.string(), trace: z.array(z.string()) });

export type ApplicationFailure = z.infer<typeof failure>;

export const answer = z.union([
  z.object({ migration: z.string(), state: z.enum(["started", "finished"]) }),
  z.object({ observed }),
  z.object({ error: failure }),
  z.object({ done: z.unknown() }),
]);

export const prepared = z.object({ pending: z.array(z.string()) });

export const waiting = z.object({ waited: z.number() });

export const probed = z.object({
  user: z.string().nullable(),
  pages: z.array(
    z.object({
      page: z.string(),
      status: z.number(),
      milliseconds: z.number(),
      /** An image that an earlier updater built says neither of these. */
      size: z.number().default(0),
      began: z.number().default(0),
      signed_in: z.boolean(),
    }),
  ),
});

export const files = z.object({
  named: z.number(),
  missing: z.number(),
  /** Some of those that are missing. */
  examples: z.array(z.object({ table: z.string(), key: z.string(), file: z.string() })),
});

/** Files that rows of an application's database name, and those of them that are not in the media. */
export type NamedFiles = z.infer<typeof files>;

export const admitted = z.union([
  z.object({ user: z.string(), cookie: z.string(), data: z.string() }),
  z.object({ user: z.null() }),
]);

/** A session of a user's: the cookie it goes by, and what its row in the database says. */
export type Admitted = z.infer<typeof admitted>;

const lines = z.array(z.string());
export const compared = z.object({
  /** With what tells its lines apart, as it came first and when it was asked for again. */
  pages: z.array(probed.shape.pages.element.extend({ lines: lines.default([]), again: lines })),
});

export type Compared = z.infer<typeof compared>["pages"];

export const pinged = probed.pick({ pages: true });

export type Probed = z.infer<typeof probed>;
