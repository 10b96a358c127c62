import { configuration } from "./configuration.ts";
import { proxy } from "./proxy.ts";
import { source } from "./source.ts";

/** Every English text a person reads; each domain has its file. */
export const en = {
  errors: { ...configuration.errors, ...proxy.errors, ...source.errors },
  gate: proxy.gate,
};
