import type { Catalogue } from "../../../text/catalogue.ts";
import type { RehearsalReport } from "../model.ts";
import { html, type Markup, nothing } from "../../../lib/html.ts";

/** What every part of the document is made from. */
export interface Sheet {
  readonly report: RehearsalReport;
  readonly text: Catalogue["report"];
  readonly steps: Catalogue["steps"];
}

export interface Section {
  readonly id: string;
  readonly heading: string;
  readonly body: Markup;
}

/**
 * A table of which the first cell names the row. Where there is no room for columns, rows are stacked and every
 * cell carries its heading; the roles say that it is a table all the same.
 * @param numbers headings of the last columns, which are set to the right
 */
export function table(
  label: string,
  words: readonly string[],
  numbers: readonly string[],
  rows: readonly (readonly (Markup | string)[])[],
): Markup {
  const headings = [...words, ...numbers];
  const kind = (index: number) => (index < words.length ? nothing : html` class="number"`);
  const cells = (row: readonly (Markup | string)[]) =>
    row.map((cell, index) =>
      index === 0
        ? html`<th scope="row" role="rowheader">${cell}</th>`
        : html`<td role="cell" data-label="${headings[index]!}" ${kind(index)}>
            <div>${cell}</div>
          </td>`,
    );
  return html`<div class="scroll">
    <table class="stack" role="table" aria-label="${label}">
      <thead role="rowgroup">
        <tr role="row">
          ${headings.map((heading, index) => html`<th scope="col" role="columnheader" ${kind(index)}>${heading}</th>`)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map(
          (row) =>
            html`<tr role="row">
              ${cells(row)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

/** A table below its name; nothing without rows. */
export function titledTable(...[label, words, numbers, rows]: Parameters<typeof table>): Markup {
  if (rows.length === 0) return nothing;
  return html`<h3>${label}</h3>
    ${table(label, words, numbers, rows)}`;
}

export function folded(summary: string, content: Markup): Markup {
  return html`<details>
    <summary>${summary}</summary>
    ${content}
  </details>`;
}

export function tag(words: string): Markup {
  return html` <span class="tag">${words}</span>`;
}

export function paragraph(text: string): Markup {
  return html`<p>${text}</p>`;
}

export function quiet(text: string): Markup {
  return html`<p class="quiet">${text}</p>`;
}

export function code(text: string): Markup {
  return html`<code>${text}</code>`;
}

export function list(items: readonly (Markup | string)[]): Markup {
  return html`<ul>
    ${items.map((item) => html`<li>${item}</li>`)}
  </ul>`;
}

/** Why a section has nothing to show: the rehearsal ended before, or there is nothing. */
export function empty({ report, text, steps }: Sheet, words: string): Markup {
  return quiet(report.failure ? text.page.notReached(steps[report.failure.step]) : words);
}

/** A horizontal bar: from and to in hundredths of its width. Never too short to be seen. */
export function bar(kind: string, from: number, to: number, top = 0, height = 10): Markup {
  const width = Math.max(to - from, 0.3);
  const x = Math.min(from, 100 - width);
  return html`<rect
    class="${kind}"
    x="${x.toFixed(2)}%"
    y="${top}"
    width="${width.toFixed(2)}%"
    height="${height}"
  />`;
}
