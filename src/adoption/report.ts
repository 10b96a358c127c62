import { html, type Markup } from "../lib/html.ts";
import { documentOf } from "../rehearsal/report/html/document.ts";
import { catalogueOf, type Language } from "../text/catalogue.ts";
import { fatesInOrder, type Fate, type Finding, type Words, wordsOf } from "./finding.ts";

/** How loud each is: what somebody has to do something about first. */
const looks: Readonly<Record<Fate, string>> = {
  decide: "finding blocking",
  lost: "finding remark",
  mapped: "pair",
  carried: "pair",
};

/**
 * What becomes of a site, for whoever has to decide about it: one HTML document.
 * @param title whose it is
 */
export function renderAdoption(
  title: string,
  findings: readonly Finding[],
  language: Language,
): string {
  const catalogue = catalogueOf(language);
  const { adoption: text, cli } = catalogue;
  const parts = fatesInOrder.flatMap((fate) => {
    const told = findings.filter((finding) => finding.fate === fate);
    return told.length === 0
      ? []
      : [
          section(
            fate,
            text.fates[fate],
            told.map((finding) => wordsOf(finding, catalogue)),
          ),
        ];
  });
  const body = html`<main>
    <header>
      <h1>${title}</h1>
      <p class="quiet">${cli.moment(new Date().toISOString())}. ${text.untouched}</p>
    </header>
    ${parts}
  </main>`;
  return documentOf({ language, title, body });
}

function section(fate: Fate, heading: string, told: readonly Words[]): Markup {
  return html`<section class="part" id="${fate}">
    <h2>${heading}</h2>
    ${told.map(
      ({ what, line }) =>
        html`<div class="${looks[fate]}">
          <p>${what}</p>
          ${line === null ? null : html`<p><code>${line}</code></p>`}
        </div> `,
    )}
  </section> `;
}
