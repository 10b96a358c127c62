import type { ReleaseNotes } from "../../source/release-notes.ts";
import type { StepName } from "../../text/catalogue.ts";

/**
 * What a rehearsal found: the value behind the terminal's summary, the HTML report and `--json`.
 * Times are milliseconds, sizes bytes, moments ISO 8601.
 */
export interface RehearsalReport {
  readonly version: 1;
  readonly id: string;
  readonly instance: string;
  /** What was rehearsed, as it is typed after `updater swap`. */
  readonly choice: string;
  /** What serves, and what would. */
  readonly from: Edition;
  readonly to: Edition;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** When the copy was taken, and up to where of the write-ahead log. */
  readonly data: { readonly at: string; readonly position: string; readonly size: number };
  /** The site's own script ran on the copy before anything else read it. */
  readonly sanitized: boolean;
  readonly verdict: Verdict;
  /** Reasons of the verdict, the blocking ones first. */
  readonly findings: readonly Finding[];
  /** Where the release failed; what would have come after it is then empty or null. */
  readonly failure: { readonly step: StepName; readonly reason: string } | null;
  readonly hold: HoldPrediction | null;
  readonly migrations: readonly MigrationReport[];
  readonly tables: readonly TableReport[];
  readonly sequences: readonly SequenceReport[];
  readonly constraints: readonly BrokenConstraint[];
  readonly schema: readonly SchemaChange[];
  readonly rollback: readonly TableRollback[];
  readonly pages: readonly PageReport[];
  readonly comparison: SourceComparison;
  readonly needs: Needs;
}

export type Verdict = "ready" | "remarks" | "not-ready";

export interface Edition {
  readonly tag: string;
  readonly commit: string;
  readonly localCommit: string;
  /** Tag and digest in the engine. */
  readonly image: string;
  readonly imageId: string;
  readonly imageSize: number;
}

/** The part of the update that users feel. */
export interface HoldPrediction {
  /** In order; `measured` is false for what only a real hold can tell and is taken from experience. */
  readonly parts: readonly {
    readonly step: StepName;
    readonly milliseconds: number;
    readonly measured: boolean;
  }[];
  readonly total: number;
  /** `hold.max` */
  readonly max: number;
}

export interface MigrationReport {
  /** "dem.0003_devise" */
  readonly name: string;
  readonly milliseconds: number;
  readonly atomic: boolean;
  readonly reversible: boolean;
  readonly operations: readonly {
    /** Django's class: "AddField". */
    readonly kind: string;
    /** Django's own words, English. */
    readonly description: string;
    readonly reversible: boolean;
  }[];
  /** With placeholders: never a parameter, which may be somebody's data. */
  readonly statements: readonly {
    readonly sql: string;
    readonly milliseconds: number;
    /** Null where the statement has none. */
    readonly rows: number | null;
  }[];
  /** Statements of which only the first were kept. */
  readonly statementCount: number;
  /** From the statement that took it to the end of the migration. */
  readonly locks: readonly {
    readonly table: string;
    /** PostgreSQL's name: "AccessExclusiveLock". */
    readonly mode: string;
    readonly milliseconds: number;
  }[];
  /** Tables PostgreSQL wrote anew from the first row to the last. */
  readonly rewrites: readonly string[];
  readonly touched: readonly {
    readonly table: string;
    readonly inserted: number;
    readonly updated: number;
    readonly deleted: number;
  }[];
  /** Why it failed; the database's message. */
  readonly failure: string | null;
}

/** Who did it: a migration, or BiomAid by itself when it boots (its external tables). */
export type Author = "migration" | "boot";

export interface TableReport {
  /** Its name afterwards, or the last one it had. */
  readonly table: string;
  /** Its name before, where a migration gave it another. */
  readonly renamedFrom: string | null;
  /** Rows before, after the migrations, after the first boot; null where there is no such table. */
  readonly before: number | null;
  readonly migrated: number | null;
  readonly booted: number | null;
  /** Who created or dropped it. A table that boot drops and creates again has "boot" in both. */
  readonly createdBy: Author | null;
  readonly droppedBy: Author | null;
  /** Rows, by primary key, that migrations removed and added; null for a table without a key. */
  readonly removed: number | null;
  readonly added: number | null;
  /** Columns on both sides whose content is not what it was. */
  readonly changed: readonly ColumnChange[];
}

export interface ColumnChange {
  /** Its name afterwards. */
  readonly column: string;
  /** filled: only where there was nothing. converted: another type, the same values. */
  readonly kind: "changed" | "filled" | "converted";
  /** Null when it cannot be told, because the table has no key. */
  readonly rows: number | null;
}

export interface SequenceReport {
  readonly sequence: string;
  readonly before: number | null;
  readonly after: number | null;
  /** The column it fills already holds a higher number: the next insertion would fail. */
  readonly behind: boolean;
}

export interface BrokenConstraint {
  readonly table: string;
  readonly constraint: string;
  /** As PostgreSQL writes it. */
  readonly definition: string;
  readonly rows: number;
}

/** A difference of two schemas. */
export type SchemaChange = { readonly table: string; readonly by: Author } & (
  | { readonly kind: "table-added" | "table-dropped" }
  | { readonly kind: "table-renamed"; readonly from: string }
  | {
      readonly kind: "column-added";
      readonly column: string;
      readonly type: string;
      readonly notNull: boolean;
      /** The database fills it when nobody does: a default, an identity, a generation rule. */
      readonly hasDefault: boolean;
    }
  | { readonly kind: "column-dropped"; readonly column: string; readonly type: string }
  | { readonly kind: "column-renamed"; readonly column: string; readonly from: string }
  | {
      readonly kind: "type-changed";
      readonly column: string;
      readonly from: string;
      readonly to: string;
    }
  | { readonly kind: "null-forbidden" | "null-allowed"; readonly column: string }
  | {
      readonly kind: "default-changed";
      readonly column: string;
      readonly from: string | null;
      readonly to: string | null;
    }
  | {
      readonly kind: "constraint-added" | "constraint-dropped" | "index-added" | "index-dropped";
      readonly name: string;
      readonly definition: string;
    }
);

/** Whether the old version's database could take what is written to a table with the new version. */
export interface TableRollback {
  readonly table: string;
  readonly class: "lossless" | "lossy" | "impossible";
  readonly reasons: readonly RollbackReason[];
}

export type RollbackReason =
  | { readonly kind: "table-unknown" }
  /** No primary key, or another one: changes and deletions cannot be told apart. */
  | { readonly kind: "no-key" }
  /** Divided into partitions on one side at least. */
  | { readonly kind: "partitioned" }
  | { readonly kind: "column-unknown"; readonly column: string }
  /** The old version requires it, and the new one does not have it. */
  | { readonly kind: "column-required"; readonly column: string }
  /** The old version has it, does not require it, and the new one does not write it. */
  | { readonly kind: "column-gone"; readonly column: string }
  /** A column of the old version that the site has an expression for (`rollback.map`). */
  | { readonly kind: "mapped"; readonly column: string }
  | {
      readonly kind: "type";
      readonly column: string;
      readonly old: string;
      readonly new: string;
    }
  | { readonly kind: "null"; readonly column: string }
  | { readonly kind: "constraint"; readonly name: string; readonly definition: string }
  /** It may hold the number of a large object, which is not in any table. */
  | { readonly kind: "large-object"; readonly column: string }
  /** Migrations changed or added rows of it. */
  | { readonly kind: "rows-changed" }
  /** Its rows refer to rows that might not be kept. */
  | { readonly kind: "referring"; readonly to: string };

export interface PageReport {
  readonly page: string;
  readonly signedIn: boolean;
  /** Of the serving version on the same data, before the migrations; null when it was not asked. */
  readonly before: Answer | null;
  readonly after: Answer | null;
  /** What the database refused while the new version answered. */
  readonly sqlErrors: readonly string[];
}

export interface Answer {
  /** 0: no answer in time. */
  readonly status: number;
  readonly milliseconds: number;
  readonly size: number;
}

/** What can be known from the repositories alone. */
export interface SourceComparison {
  /** Tags after the serving one, up to the target, lowest first. */
  readonly tags: readonly { readonly tag: string; readonly date: string }[];
  /** Newest first. */
  readonly notes: readonly ReleaseNotes[];
  readonly settings: SettingsComparison;
  readonly dependencies: readonly DependencyChange[];
  readonly local: {
    readonly from: string;
    readonly to: string;
    readonly ref: string;
    /** Null when one of the two commits is not in the repository (any more). */
    readonly changedFiles: readonly { readonly file: string; readonly change: FileChange }[] | null;
  };
}

export type FileChange = "added" | "removed" | "modified";

/** The two tags' example settings, set against the site's own file. Values are the examples', never the site's. */
export interface SettingsComparison {
  /** Files of BiomAid's tree that were compared. */
  readonly files: readonly string[];
  readonly changes: readonly {
    readonly file: string;
    readonly name: string;
    readonly kind: "added" | "removed" | "changed";
    readonly before: string | null;
    readonly after: string | null;
    /** The site's own file sets it. */
    readonly inSite: boolean;
  }[];
}

export interface DependencyChange {
  readonly name: string;
  /** Null: not there. */
  readonly before: string | null;
  readonly after: string | null;
}

/** What a swap needs, and what there is. */
export interface Needs {
  readonly disk: { readonly needed: number; readonly free: number };
  readonly memory: { readonly needed: number; readonly free: number };
}

/** A reason of the verdict. The texts are in `src/text`; a blocking one's code is what `swap --override` takes. */
export type Finding =
  | ({ readonly severity: "blocking" } & (
      | { readonly code: "release-fails"; readonly step: StepName; readonly reason: string }
      | {
          readonly code: "rows-lost";
          readonly table: string;
          readonly rows: number;
          readonly before: number;
          readonly by: Author;
        }
      | {
          readonly code: "values-changed";
          readonly table: string;
          readonly column: string;
          readonly rows: number | null;
        }
      | {
          readonly code: "table-dropped";
          readonly table: string;
          readonly rows: number;
          readonly by: Author;
        }
      | {
          readonly code: "long-lock";
          readonly migration: string;
          readonly table: string;
          readonly milliseconds: number;
          readonly limit: number;
        }
      | { readonly code: "hold-too-long"; readonly predicted: number; readonly max: number }
      | {
          readonly code: "constraint-broken";
          readonly table: string;
          readonly constraint: string;
          readonly rows: number;
        }
      | { readonly code: "sequence-behind"; readonly sequence: string }
      | {
          readonly code: "page-fails";
          readonly page: string;
          readonly status: number;
          readonly signedIn: boolean;
        }
      | { readonly code: "sql-error"; readonly page: string; readonly message: string }
    ))
  | ({ readonly severity: "remark" } & (
      | {
          readonly code: "page-slower";
          readonly page: string;
          readonly before: number;
          readonly after: number;
        }
      | { readonly code: "page-failed-before"; readonly page: string; readonly status: number }
      | { readonly code: "no-user-to-probe" }
      | {
          readonly code: "rewrites-table";
          readonly migration: string;
          readonly table: string;
        }
      | { readonly code: "irreversible"; readonly migrations: readonly string[] }
      | {
          readonly code: "rollback-loses";
          readonly lossy: readonly string[];
          readonly impossible: readonly string[];
        }
      | {
          readonly code: "mapping-fails";
          readonly table: string;
          readonly column: string;
          readonly reason: string;
        }
      | { readonly code: "settings-added"; readonly names: readonly string[] }
      | { readonly code: "settings-removed"; readonly names: readonly string[] }
      | {
          readonly code: "column-dropped";
          readonly table: string;
          readonly column: string;
          /** Rows that had a value there. */
          readonly rows: number;
        }
      | {
          readonly code: "values-filled";
          readonly table: string;
          readonly column: string;
          readonly rows: number | null;
        }
      | { readonly code: "hold-near-limit"; readonly predicted: number; readonly max: number }
      | { readonly code: "disk-short"; readonly needed: number; readonly free: number }
      | { readonly code: "memory-short"; readonly needed: number; readonly free: number }
    ));
