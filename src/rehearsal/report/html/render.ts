import { catalogueOf, type Language } from "../../../text/catalogue.ts";
import type { RehearsalReport } from "../model.ts";
import { data } from "./data.ts";
import { decision } from "./decision.ts";
import { findings } from "./findings.ts";
import { hold } from "./hold.ts";
import { identity, needs } from "./identity.ts";
import { documentOf } from "./document.ts";
import { html } from "../../../lib/html.ts";
import { migrations } from "./migrations.ts";
import { pages } from "./pages.ts";
import type { Sheet } from "./parts.ts";
import { dependencies, local, notes, settings } from "./source.ts";
import { goingBack, schema } from "./structure.ts";

/** First what the person who signs off reads, then what a sysadmin does. */
const sections = [
  findings,
  hold,
  data,
  goingBack,
  pages,
  notes,
  migrations,
  schema,
  settings,
  local,
  dependencies,
  needs,
  identity,
] as const;

/** The report as one document. */
export function renderReport(report: RehearsalReport, language: Language): string {
  const { report: text, steps } = catalogueOf(language);
  const sheet: Sheet = { report, text, steps };
  const parts = sections.map((section) => section(sheet));
  const { page } = text;
  const body = html`<svg width="0" height="0" class="defs" aria-hidden="true">
      <defs>
        <pattern
          id="hatch"
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect class="ground" width="6" height="6" />
          <rect class="stripe" width="3" height="6" />
        </pattern>
      </defs>
    </svg>
    <main>
      ${decision(sheet)}
      <nav aria-label="${page.contents}">
        <ol>
          ${parts.map(({ id, heading }) => html`<li><a href="#${id}">${heading}</a></li>`)}
        </ol>
      </nav>
      ${parts.map(
        ({ id, heading, body }) =>
          html`<section class="part" id="${id}" aria-labelledby="${id}-heading">
            <h2 id="${id}-heading">${heading}</h2>
            ${body}
          </section> `,
      )}
    </main>`;
  const title = page.title(report.instance, report.from.tag, report.to.tag);
  return documentOf({ language, title, body });
}
