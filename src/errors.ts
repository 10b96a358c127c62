import type { Catalogue } from "./text/catalogue.ts";

/**
 * What the process exits with; documented in docs/json.md and relied upon by scripts.
 * 0 done · 1 refused, nothing changed · 2 usage or configuration · 3 failed, production restored and
 * serving · 4 failed and needs a human · 5 live, clean-up pending.
 */
export const exit = {
  done: 0,
  refused: 1,
  usage: 2,
  restored: 3,
  needsHuman: 4,
  cleanUpPending: 5,
} as const;

export type ExitCode = (typeof exit)[keyof typeof exit];

/** Stable names of everything that can go wrong; the texts are in `src/text`. */
export type ErrorCode = keyof Catalogue["errors"];
export type ErrorParameters<Code extends ErrorCode> = Parameters<Catalogue["errors"][Code]>[0];

/** Exit codes of errors that end a command before it has changed anything; what is not here is `refused`. */
const exitCodes: Readonly<Partial<Record<ErrorCode, ExitCode>>> = {
  usage: exit.usage,
  unknownLanguage: exit.usage,
  configurationMissing: exit.usage,
  configurationUnreadable: exit.usage,
  configurationSyntax: exit.usage,
  configurationInvalid: exit.usage,
  tagRefused: exit.usage,
  unknownGuardrail: exit.usage,
  internal: exit.needsHuman,
  engineRefuses: exit.needsHuman,
  databaseRefuses: exit.needsHuman,
  journalDamaged: exit.needsHuman,
  journalContradicts: exit.needsHuman,
  recoveryFails: exit.needsHuman,
  operatorGone: exit.needsHuman,
  engineAway: exit.needsHuman,
};

/** What a person reads about an error. */
export interface ErrorText {
  /** What happened. */
  readonly what: string;
  /** The command to type, or the thing to do, next. */
  readonly next: string;
}

/** The one error type that crosses layers: a stable code and its facts, without a language. */
export class UpdaterError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly parameters: ErrorParameters<Code>;

  constructor(code: Code, parameters: ErrorParameters<Code>, cause?: unknown) {
    super(`${code} ${JSON.stringify(parameters)}`, { cause });
    this.name = "UpdaterError";
    this.code = code;
    this.parameters = parameters;
  }

  /** The error in the catalogue's language; another one of ours that was its reason as well. */
  describe(catalogue: Catalogue): ErrorText {
    const text = catalogue.errors[this.code] as (parameters: ErrorParameters<Code>) => ErrorText;
    const { reason } = this;
    return text(
      reason ? { ...this.parameters, reason: reason.describe(catalogue).what } : this.parameters,
    );
  }

  /** The error of ours that it names as its reason, by its message. */
  get reason(): UpdaterError | undefined {
    const { cause } = this;
    const { reason } = this.parameters as { readonly reason?: unknown };
    return cause instanceof UpdaterError && reason === cause.message ? cause : undefined;
  }

  get exitCode(): ExitCode {
    return exitCodes[this.code] ?? exit.refused;
  }

  /** Its code and its facts, as it crosses processes. */
  toJSON(): { readonly code: Code; readonly parameters: object; readonly cause?: object } {
    const { code, parameters, reason } = this;
    return { code, parameters, ...(reason && { cause: reason.toJSON() }) };
  }
}

/** Whether something thrown is an error of one of these codes. */
export function isError<Code extends ErrorCode>(
  thrown: unknown,
  ...codes: readonly Code[]
): thrown is UpdaterError<Code> {
  return thrown instanceof UpdaterError && codes.some((code) => code === thrown.code);
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
