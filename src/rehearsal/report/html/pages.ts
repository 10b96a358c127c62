import type { Answer, PageReport } from "../model.ts";
import { html, type Markup, nothing } from "../../../lib/html.ts";
import { code, empty, list, paragraph, type Section, type Sheet, table, tag } from "./parts.ts";

export function pages(sheet: Sheet): Section {
  const { report, text } = sheet;
  const labels = text.page.pages;
  const numbers = [labels.status, labels.time, labels.size];
  const rows = report.pages.map((page) => row(page, text));
  const body =
    rows.length === 0
      ? empty(sheet, labels.none)
      : html`${paragraph(labels.intro)}${table(labels.heading, [labels.page], numbers, rows)}`;
  return { id: "pages", heading: labels.heading, body };
}

function row(
  { page, signedIn, before, after, sqlErrors }: PageReport,
  text: Sheet["text"],
): Markup[] {
  const labels = text.page.pages;
  const status = (answer: Answer) =>
    answer.status === 0 ? labels.noAnswer : String(answer.status);
  const both = (show: (answer: Answer) => string) => {
    const [old, now] = [before, after].map((answer) => (answer === null ? "–" : show(answer)));
    return html`<span class="both"><span>${old!}</span> → <span>${now!}</span></span>`;
  };
  return [
    html`${code(page)}${signedIn ? tag(labels.signedIn) : nothing}${
      sqlErrors.length === 0
        ? nothing
        : html`<div class="errors">
            ${labels.refused} ${list(sqlErrors.map((error) => code(error)))}
          </div>`
    }`,
    both(status),
    both(({ milliseconds }) => text.duration(milliseconds)),
    both(({ size }) => text.size(size)),
  ];
}
