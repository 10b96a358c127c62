import type { ErrorParameters } from "../errors.ts";
import type { KeyPath } from "../lib/toml.ts";

/** As a person reads it; what each needs to be told is said where its words are, in `src/text/en/configuration.ts`. */
export type Problem = ErrorParameters<"configurationInvalid">["problems"][number];

/** One thing wrong with `updater.toml`. */
export type Fault = Problem["fault"];

type FaultOf<Kind extends Fault["kind"]> = Extract<Fault, { readonly kind: Kind }>;

export type ValueType = FaultOf<"wrongType">["expected"];

/** What a value, or several together, must satisfy. */
export type Rule = FaultOf<"rule">["rule"];

export type FileTrouble = FaultOf<"file">["trouble"];

export interface Finding {
  readonly path: KeyPath;
  readonly fault: Fault;
}

/** `build.versions[2].python`, with quotes where TOML needs them. */
export function keyName(path: KeyPath): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part + 1}]`;
      const name = /^[A-Za-z0-9_-]+$/.test(part) ? part : JSON.stringify(part);
      return index === 0 ? name : `.${name}`;
    })
    .join("");
}
