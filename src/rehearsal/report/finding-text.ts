import type { RollbackReason } from "../../postgres/rollback-classes.ts";
import type { SchemaChange } from "../../postgres/schema-changes.ts";
import type { Catalogue } from "../../text/catalogue.ts";
import type { Finding } from "./model.ts";

export interface FindingText {
  readonly what: string;
  readonly why: string;
  readonly next: string;
}

/** A kind without a text, or a text that asks for more than a change tells, is a type error where these are called. */
type SchemaTexts = {
  readonly [Kind in SchemaChange["kind"]]: (change: ChangeOf<SchemaChange, Kind>) => string;
};

type ReasonTexts = {
  readonly [Kind in RollbackReason["kind"]]: (reason: ChangeOf<RollbackReason, Kind>) => string;
};

/** `Extract` leaves out members whose kind is one of several. */
type ChangeOf<Union, Kind> = Union extends { kind: infer Kinds }
  ? Kind extends Kinds
    ? Union
    : never
  : never;

export function findingText(texts: Catalogue["report"]["findings"], finding: Finding): FindingText {
  return (texts[finding.code] as (finding: Finding) => FindingText)(finding);
}

export function schemaText(texts: SchemaTexts, change: SchemaChange): string {
  return (texts[change.kind] as (change: SchemaChange) => string)(change);
}

export function reasonText(texts: ReasonTexts, reason: RollbackReason): string {
  return (texts[reason.kind] as (reason: RollbackReason) => string)(reason);
}
