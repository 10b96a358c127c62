import type { Catalogue } from "../catalogue.ts";
import { configuration } from "./configuration.ts";
import { proxy } from "./proxy.ts";
import { source } from "./source.ts";

/** Tous les textes français ; ceux qui manquent sont des erreurs de type. */
export const fr: Catalogue = {
  errors: { ...configuration.errors, ...proxy.errors, ...source.errors },
  gate: proxy.gate,
};
