import { changeText } from "../finding-text.ts";
import type { TableRollback } from "../../../postgres/rollback-classes.ts";
import { html, type Markup, nothing } from "../../../lib/html.ts";
import {
  code,
  empty,
  folded,
  list,
  paragraph,
  type Section,
  type Sheet,
  table,
  tag,
} from "./parts.ts";

/** Differences of the two schemas, in words, by table. */
export function schema(sheet: Sheet): Section {
  const { report, text } = sheet;
  const labels = text.page.schema;
  const tables = [...Map.groupBy(report.schema, ({ table }) => table)];
  const entry = ([table, changes]: (typeof tables)[number]) =>
    html`<div class="pair">
      <dt>${code(table)}</dt>
      <dd>
        ${list(
          changes.map(
            (change) =>
              html`${changeText(text.schema, change)}${change.by === "boot" ? tag(labels.byBoot) : nothing}`,
          ),
        )}
      </dd>
    </div> `;
  const body =
    tables.length === 0
      ? empty(sheet, labels.none)
      : html`<dl class="pairs">${tables.map(entry)}</dl>`;
  return { id: "schema", heading: labels.heading, body };
}

export function goingBack(sheet: Sheet): Section {
  const { report, text } = sheet;
  const labels = text.page.back;
  const lost = report.rollback.filter((each) => each.class !== "lossless");
  const lossless = report.rollback.filter((each) => each.class === "lossless");
  const body = html`<p class="notice">${labels.honest}</p>
    ${report.rollback.length === 0 ? empty(sheet, labels.none) : paragraph(labels.classes)}
    ${
      lost.length === 0
        ? nothing
        : table(
            labels.heading,
            [labels.tables, labels.could, labels.why],
            [],
            lost.map((each) => row(each, text)),
          )
    }
    ${
      lossless.length === 0
        ? nothing
        : folded(
            labels.lossless(lossless.length),
            html`<p class="names">${lossless.map(({ table }) => html`${code(table)} `)}</p>`,
          )
    }`;
  return { id: "back", heading: labels.heading, body };
}

function row({ table, class: kind, reasons }: TableRollback, text: Sheet["text"]): Markup[] {
  return [
    code(table),
    html`${text.classes[kind]}${tag(text.classNames[kind])}`,
    list(reasons.map((reason) => changeText(text.reasons, reason))),
  ];
}
