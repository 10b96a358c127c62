import type { RollbackReason } from "../../postgres/rollback-classes.ts";
import type { SchemaChange } from "../../postgres/schema-changes.ts";
import type { Catalogue } from "../../text/catalogue.ts";
import type { Finding } from "./model.ts";

export interface FindingText {
  readonly what: string;
  readonly why: string;
  readonly next: string;
}

/** `Extract` leaves out members whose kind is one of several. */
type ChangeOf<Union, Kind> = Union extends { kind: infer Kinds }
  ? Kind extends Kinds
    ? Union
    : never
  : never;

export function findingText(texts: Catalogue["report"]["findings"], finding: Finding): FindingText {
  return (texts[finding.code] as (finding: Finding) => FindingText)(finding);
}

/** A kind without a text, or a text that asks for more than a change tells, is a type error where this is called. */
export function changeText<Change extends SchemaChange | RollbackReason>(
  texts: { readonly [Kind in Change["kind"]]: (change: ChangeOf<Change, Kind>) => string },
  change: Change,
): string {
  return (texts[change.kind as Change["kind"]] as (change: Change) => string)(change);
}
