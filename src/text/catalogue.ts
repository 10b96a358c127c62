import { en } from "./en/index.ts";
import { fr } from "./fr/index.ts";

export type { AdoptionObstacle, FilesAsked, MoveObstacle } from "./en/stand-in.ts";
export type { Wait } from "./en/waits.ts";

/** English is the reference: a text missing from another language is a type error there. */
export type Catalogue = typeof en;

/** Names of everything an operation does, as `--json` shows them. */
export type StepName = keyof Catalogue["steps"];
export type NoteCode = keyof Catalogue["notes"];

const catalogues = { en, fr } as const satisfies Record<string, Catalogue>;

export type Language = keyof typeof catalogues;

export const languages = Object.keys(catalogues) as readonly Language[];

/** The language a POSIX environment asks for (LC_ALL, then LC_MESSAGES, then LANG). */
export function languageOf(environment: NodeJS.ProcessEnv): Language {
  const locale = environment["LC_ALL"] || environment["LC_MESSAGES"] || environment["LANG"] || "";
  return languages.find((language) => locale.toLowerCase().startsWith(language)) ?? "en";
}

/** All texts of one language. */
export function catalogueOf(language: Language): Catalogue {
  return catalogues[language];
}
