import type { Catalogue } from "../text/catalogue.ts";

type Texts = Catalogue["adoption"];

/** What becomes of something that was found. */
export type Fate = keyof Texts["fates"];

export type FindingCode = keyof Texts["findings"];
type FactsOf<Code extends FindingCode> = Parameters<Texts["findings"][Code]>[0];

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
