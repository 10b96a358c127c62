import { messageOf, UpdaterError } from "../errors.ts";
import type { CheckName } from "./groups.ts";
import type { Catalogue } from "../text/catalogue.ts";

type Texts = Catalogue["doctor"];

/** What is as it must be, by the line that says so. */
export type FineCode = keyof Texts["fine"];
/** What is not. */
export type TroubleCode = keyof Texts["trouble"];
/** Why it matters that something refuses, where the error itself says what and what to type. */
export type Reason = keyof Texts["reasons"];

export type FactsOf<Code extends FineCode | TroubleCode> = Code extends FineCode
  ? Parameters<Texts["fine"][Code]>[0]
  : Code extends TroubleCode
    ? Parameters<Texts["trouble"][Code]>[0]
    : never;

/** One thing found out, without a language. */
export type Finding =
  | { [Code in FineCode]: { level: "ok"; code: Code; facts: FactsOf<Code> } }[FineCode]
  | {
      [Code in TroubleCode]: { level: "warning" | "problem"; code: Code; facts: FactsOf<Code> };
    }[TroubleCode]
  | { level: "warning" | "problem"; error: UpdaterError; reason: Reason };

export function ok<Code extends FineCode>(code: Code, facts: FactsOf<Code>): Finding {
  return { level: "ok", code, facts } as Finding;
}

const trouble =
  (level: "warning" | "problem") =>
  <Code extends TroubleCode>(code: Code, facts: FactsOf<Code>) =>
    ({ level, code, facts }) as Finding;

export const warning = trouble("warning");
export const problem = trouble("problem");

/** The finding for what another command would refuse with. */
export function refusal(error: UpdaterError, reason: Reason): Finding {
  return { level: "problem", error, reason };
}

/** The finding for a check that could not be carried out. */
export function crash(thrown: unknown, check: CheckName, reason: Reason = "unknown"): Finding {
  if (thrown instanceof UpdaterError) return refusal(thrown, reason);
  return problem("checkFailed", { check, reason: messageOf(thrown) });
}
