import { reasonText, schemaText } from "../finding-text.ts";
import type { TableRollback } from "../../../postgres/rollback-classes.ts";
import { html, type Markup, nothing } from "../../../lib/html.ts";
import { code, empty, list, paragraph, type Section, type Sheet, table } from "./parts.ts";

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
              html`${schemaText(text.schema, change)}${change.by === "boot" ? html` <span class="tag">${labels.byBoot}</span>` : nothing}`,
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

const order: readonly TableRollback["class"][] = ["impossible", "lossy", "lossless"];

export function goingBack(sheet: Sheet): Section {
  const { report, text } = sheet;
  const labels = text.page.back;
  const lost = report.rollback.filter((each) => each.class !== "lossless");
  lost.sort((one, other) => order.indexOf(one.class) - order.indexOf(other.class));
  const lossless = report.rollback.filter((each) => each.class === "lossless");
  const heading = [{ heading: labels.tables }, { heading: labels.could }, { heading: labels.why }];
  const body = html`<p class="notice">${labels.honest}</p>
    ${report.rollback.length === 0 ? empty(sheet, labels.none) : paragraph(labels.classes)}
    ${
      lost.length === 0
        ? nothing
        : table(
            labels.heading,
            heading,
            lost.map((each) => row(each, text)),
          )
    }
    ${
      lossless.length === 0
        ? nothing
        : html`<details>
            <summary>${labels.lossless(lossless.length)}</summary>
            <p class="names">${lossless.map(({ table }) => html`${code(table)} `)}</p>
          </details>`
    }`;
  return { id: "back", heading: labels.heading, body };
}

function row({ table, class: kind, reasons }: TableRollback, text: Sheet["text"]): Markup[] {
  return [
    code(table),
    html`${text.classes[kind]} <span class="tag">${text.classNames[kind]}</span>`,
    list(reasons.map((reason) => reasonText(text.reasons, reason))),
  ];
}
