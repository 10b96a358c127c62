import type { ObservedMigration, Probed } from "../../instance/application-answers.ts";
import type { TableComparison } from "../../postgres/compare-data.ts";
import type { BrokenConstraint, SequenceReport } from "../../postgres/consistency.ts";
import type { TableRollback } from "../../postgres/rollback-classes.ts";
import type { SchemaChange } from "../../postgres/schema-changes.ts";
import type { SourceComparison } from "../../release/compare-sources.ts";
import type { Needs } from "../../runner/preflight.ts";
import type { Guardrail } from "../../runner/guardrails.ts";
import type { Catalogue, StepName } from "../../text/catalogue.ts";

/**
 * What a rehearsal found: the value behind the terminal's summary, the HTML report and `--json`.
 * Times are milliseconds, sizes bytes, moments ISO 8601.
 */
export interface RehearsalReport {
  readonly version: 1;
  readonly id: string;
  readonly instance: string;
  /** What was rehearsed, as it is typed after `updater swap`; `--switch` for a move. */
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

export type MigrationReport = Omit<ObservedMigration, "overhead">;

/** What became of a table, with what BiomAid does to it when it boots. */
export type TableReport = Omit<TableComparison, "oid"> & {
  /** Rows after the first boot; null where there is no such table. */
  readonly booted: number | null;
};

export interface PageReport {
  readonly page: string;
  readonly signedIn: boolean;
  /** Of the serving version on the same data, before the migrations; null when it was not asked. */
  readonly before: Answer | null;
  readonly after: Answer | null;
  /** What the database refused while the new version answered. */
  readonly sqlErrors: readonly string[];
  /** Of a move from an installation by hand: lines that both always show, but differently or elsewhere. */
  readonly differing?: number;
}

/** Its status is 0 where there was none in time. */
export type Answer = Pick<Probed["pages"][number], "status" | "milliseconds" | "size">;

type FindingTexts = Catalogue["report"]["findings"];

export type FindingCode = keyof FindingTexts;

/** Makes a release not ready; `swap --override` takes the code. */
export const blockingCodes = [
  "release-fails",
  "rows-lost",
  "values-changed",
  "table-dropped",
  "long-lock",
  "hold-too-long",
  "constraint-broken",
  "sequence-behind",
  "page-fails",
  "sql-error",
] as const satisfies readonly (FindingCode & Guardrail)[];

type BlockingCode = (typeof blockingCodes)[number];

/** What the text of a finding needs to be told. */
export type FactsOf<Code extends FindingCode> = Readonly<Parameters<FindingTexts[Code]>[0]>;

/** A reason of the verdict. */
export type Finding = {
  [Code in FindingCode]: {
    readonly code: Code;
    readonly severity: Code extends BlockingCode ? "blocking" : "remark";
  } & FactsOf<Code>;
}[FindingCode];
