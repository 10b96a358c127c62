import type { Finding, RollbackReason, SchemaChange } from "../rehearsal/report/model.ts";

export interface FindingText {
  readonly what: string;
  readonly why: string;
  readonly next: string;
}

/** One text for every code: a finding nobody can read is a type error. */
export type FindingTexts = {
  readonly [Code in Finding["code"]]: (finding: Extract<Finding, { code: Code }>) => FindingText;
};

export type SchemaTexts = {
  readonly [Kind in SchemaChange["kind"]]: (change: ChangeOf<SchemaChange, Kind>) => string;
};

export type ReasonTexts = {
  readonly [Kind in RollbackReason["kind"]]: (reason: ChangeOf<RollbackReason, Kind>) => string;
};

/** `Extract` leaves out members whose kind is one of several. */
type ChangeOf<Union, Kind> = Union extends { kind: infer Kinds }
  ? Kind extends Kinds
    ? Union
    : never
  : never;

export function findingText(texts: FindingTexts, finding: Finding): FindingText {
  return (texts[finding.code] as (finding: Finding) => FindingText)(finding);
}

export function schemaText(texts: SchemaTexts, change: SchemaChange): string {
  return (texts[change.kind] as (change: SchemaChange) => string)(change);
}

export function reasonText(texts: ReasonTexts, reason: RollbackReason): string {
  return (texts[reason.kind] as (reason: RollbackReason) => string)(reason);
}
