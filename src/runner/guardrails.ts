import { UpdaterError } from "../errors.ts";
import type { Reporter } from "../instance/events.ts";

/** Everything `swap` may refuse to begin for, by the name that overrides it; from `release-fails` on, a rehearsal finds it. */
const guardrails = [
  "already-serving",
  "older",
  "unhealthy",
  "disk",
  "memory",
  "unlogged",
  "not-rehearsed",
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
] as const;

export type Guardrail = (typeof guardrails)[number];

/**
 * The guardrails of one swap. All are asked before the first that refuses is thrown, so that a person
 * learns of all of them at once.
 */
export class Guardrails {
  readonly #overridden: ReadonlySet<Guardrail>;
  readonly #reporter: Reporter;
  readonly #refusals: UpdaterError[] = [];

  /** @throws UpdaterError `unknownGuardrail` */
  constructor(overridden: readonly string[], reporter: Reporter) {
    const known = (name: string): name is Guardrail => guardrails.includes(name as Guardrail);
    const unknown = overridden.find((name) => !known(name));
    if (unknown !== undefined)
      throw new UpdaterError("unknownGuardrail", { name: unknown, known: guardrails });
    this.#overridden = new Set(overridden.filter(known));
    this.#reporter = reporter;
  }

  overrides(name: Guardrail): boolean {
    return this.#overridden.has(name);
  }

  /** Runs a check that throws an UpdaterError when it refuses. */
  async ask(name: Guardrail, check: () => void | Promise<void>): Promise<void> {
    try {
      await check();
    } catch (error) {
      if (!(error instanceof UpdaterError)) throw error;
      if (this.overrides(name)) this.#reporter.event({ type: "warning", error });
      else this.#refusals.push(error);
    }
  }

  /** @throws UpdaterError the first refusal; the others are reported as warnings */
  settle(): void {
    const [first, ...others] = this.#refusals;
    for (const error of others) this.#reporter.event({ type: "warning", error });
    if (first) throw first;
  }
}
