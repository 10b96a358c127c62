import { printable } from "../lib/printable.ts";
import type { Catalogue } from "../text/catalogue.ts";

type Texts = Catalogue["adoption"];

/** What becomes of something that was found. */
export type Fate = keyof Texts["fates"];

export type FindingCode = keyof Texts["findings"];
type FactsOf<Code extends FindingCode> = Parameters<Texts["findings"][Code]>[0];

/** What somebody has to do something about comes first. */
export const fatesInOrder = ["decide", "lost", "mapped", "carried"] as const satisfies Fate[];

/** One thing that was found, without a language. */
export interface Finding {
  readonly fate: Fate;
  readonly code: FindingCode;
  readonly facts: object;
}

const finding =
  (fate: Fate) =>
  <Code extends FindingCode>(code: Code, facts: FactsOf<Code>): Finding => ({
    fate,
    code,
    facts: facts ?? {},
  });

export const carried = finding("carried");
export const mapped = finding("mapped");
export const lost = finding("lost");
export const decide = finding("decide");

/** A finding as it is told. */
export interface Words {
  readonly what: string;
  /** What to write or to type. */
  readonly line: string | null;
}

export function wordsOf({ code, facts }: Finding, { adoption }: Catalogue): Words {
  const told = adoption.findings[code] as (facts: object) => { what: string; line?: string };
  const { what, line } = told(facts);
  return {
    what: printable(what).replaceAll("\n", " "),
    line: line === undefined ? null : printable(line),
  };
}
