import type { HoldPrediction } from "../model.ts";
import { html, type Markup } from "../../../lib/html.ts";
import { bar, empty, paragraph, type Section, type Sheet } from "./parts.ts";

/** The operation gives up at this part of `hold.max`, so that undoing fits in too. */
const giveUp = 0.8;

export function hold(sheet: Sheet): Section {
  const { report, text } = sheet;
  const labels = text.page.hold;
  const body =
    report.hold === null
      ? empty(sheet, text.page.nothing)
      : html`${paragraph(labels.intro)}${gauge(report.hold, text)}${timeline(report.hold, sheet)}`;
  return { id: "hold", heading: labels.heading, body };
}

/** The whole wait against what is allowed. */
function gauge({ total, max }: HoldPrediction, text: Sheet["text"]): Markup {
  const labels = text.page.hold;
  const at = (milliseconds: number) => (100 * milliseconds) / Math.max(total, max);
  const title = (total > max ? labels.gaugeOver : labels.gauge)(
    text.duration(total),
    text.duration(max),
  );
  const words = labels.gaugeText(Math.round((100 * total) / max), text.duration(max * giveUp));
  const mark = (kind: string, milliseconds: number) => {
    const x = `${Math.min(at(milliseconds), 99.8).toFixed(2)}%`;
    return html`<line class="${kind}" x1="${x}" x2="${x}" y1="0" y2="28" />`;
  };
  const word = (milliseconds: number, y: number, words: string) =>
    html`<text x="${at(milliseconds).toFixed(2)}%" y="${y}" text-anchor="end">${words}</text>`;
  return html`<figure>
    <p class="big">${title}</p>
    <svg
      class="gauge"
      width="100%"
      height="62"
      role="img"
      aria-labelledby="gauge-title gauge-words"
    >
      <title id="gauge-title">${title}</title>
      <desc id="gauge-words">${words}</desc>
      ${bar("track", 0, at(max), 4, 20)}
      ${bar("after", 0, at(Math.min(total, max)), 4, 20)}${total > max ? bar("over", at(max), 100, 4, 20) : ""}
      ${mark("limit early", max * giveUp)}${mark("limit", max)}
      ${word(max * giveUp, 42, `${labels.giveUp} ${text.duration(max * giveUp)}`)}${word(max, 58, `${labels.limit} ${text.duration(max)}`)}
    </svg>
    <figcaption>${words}</figcaption>
  </figure>`;
}

/** What happens meanwhile, each part where it begins; a table, so that it can be read as well as seen. */
function timeline({ parts, total }: HoldPrediction, { text, steps }: Sheet): Markup {
  const labels = text.page.hold;
  let begin = 0;
  const rows = parts.map(({ step, milliseconds, measured }) => {
    const from = begin;
    begin += milliseconds;
    const at = (moment: number) => (100 * moment) / Math.max(total, 1);
    return html`<tr role="row">
      <th scope="row" role="rowheader">
        ${steps[step]}${measured ? "" : html` <span class="tag">${labels.estimatedShort}</span>`}
      </th>
      <td role="cell" class="drawn">
        <svg width="100%" height="14" role="img" aria-label="${labels.starts(text.duration(from))}">
          ${bar("track", 0, 100, 2)}${bar(measured ? "after" : "estimated", at(from), at(begin), 2)}
        </svg>
      </td>
      <td role="cell" class="number">${text.duration(milliseconds)}</td>
    </tr> `;
  });
  const key = (kind: string, words: string) =>
    html`<span
      ><svg width="28" height="12" aria-hidden="true">${bar(kind, 0, 100, 1)}</svg> ${words}</span
    >`;
  return html`<table class="bars two" role="table">
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">${labels.part}</th>
          <td role="cell"></td>
          <th scope="col" role="columnheader" class="number">${labels.time}</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows}
      </tbody>
      <tfoot role="rowgroup">
        <tr role="row">
          <th scope="row" role="rowheader">${labels.total}</th>
          <td role="cell" class="drawn"></td>
          <td role="cell" class="number">${text.duration(total)}</td>
        </tr>
      </tfoot>
    </table>
    <p class="key">
      ${key("after", labels.measured)}
      ${parts.every(({ measured }) => measured) ? "" : key("estimated", labels.estimated)}
    </p>`;
}
