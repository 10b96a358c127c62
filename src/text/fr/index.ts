import type { Catalogue } from "../catalogue.ts";
import { cli } from "./cli.ts";
import { configuration } from "./configuration.ts";
import { engine } from "./engine.ts";
import { operations } from "./operations.ts";
import { proxy } from "./proxy.ts";
import { source } from "./source.ts";

/** Tous les textes français ; ceux qui manquent sont des erreurs de type. */
export const fr: Catalogue = {
  errors: {
    ...cli.errors,
    ...configuration.errors,
    ...engine.errors,
    ...operations.errors,
    ...proxy.errors,
    ...source.errors,
  },
  cli,
  steps: operations.steps,
  notes: operations.notes,
  gate: proxy.gate,
};
