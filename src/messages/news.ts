import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { html } from "../lib/html.ts";
import type { ReleaseNotes } from "../source/release-notes.ts";
import { catalogueOf } from "../text/catalogue.ts";
import {
  type Contents,
  filled,
  type newsBoxPlaceholders,
  type newsPagePlaceholders,
} from "../lib/template.ts";
import { notesMarkup, type RolesByHeading } from "./notes.ts";

// A user's browser decides, not the updater's language.
const texts = { fr: catalogueOf("fr").news, en: catalogueOf("en").news };

/** File beside the script that pages are given. */
export const newsPage = "whats-new.html";

const box = z.strictObject({ title: z.string(), html: z.string() });

/** What is new in a version, as users are shown it. */
export const news = z.strictObject({
  /** Tag of BiomAid. */
  version: z.string(),
  /** By language of the browser. */
  box: z.strictObject({ fr: box, en: box }),
  /** With everything, for everyone. */
  page: z.string(),
});

export type News = Readonly<z.infer<typeof news>>;

interface Parts {
  /** Tag of BiomAid. */
  readonly version: string;
  readonly notes: readonly ReleaseNotes[];
  readonly roles: RolesByHeading;
  readonly background: string;
  readonly foreground: string;
  /** Paths of a site's own templates. */
  readonly box: string | undefined;
  readonly page: string | undefined;
}

/** Puts the notes of a release into the templates. */
export async function composeNews({ box, page, notes, roles, ...shown }: Parts): Promise<News> {
  const template = async (own: string | undefined, ours: string) =>
    await readFile(own ?? join(import.meta.dirname, ours), "utf8");
  const boxTemplate = await template(box, "box.html");
  const pageTemplate = await template(page, newsPage);
  const markup = notesMarkup(notes, roles).text;
  const boxIn = (language: keyof typeof texts) => {
    const text = texts[language];
    const title = text.title(shown.version);
    const contents: Contents<typeof newsBoxPlaceholders> = {
      ...shown,
      language,
      title: html`${title}`.text,
      notes: markup,
      page: html`<a href="/biomaid-updater/${newsPage}" target="_blank" rel="noopener"
        >${text.everything}</a
      >`.text,
      close: html`<button type="button" data-close>${text.close}</button>`.text,
    };
    return { title, html: filled(boxTemplate, contents) };
  };
  const titles = [texts.fr.title(shown.version), texts.en.title(shown.version)] as const;
  const contents: Contents<typeof newsPagePlaceholders> = {
    ...shown,
    title: html`${titles.join(" · ")}`.text,
    heading: html`<h1>${titles[0]}</h1>
      <p lang="en">${titles[1]}</p>`.text,
    notes: markup,
  };
  return {
    version: shown.version,
    box: { fr: boxIn("fr"), en: boxIn("en") },
    page: filled(pageTemplate, contents),
  };
}
