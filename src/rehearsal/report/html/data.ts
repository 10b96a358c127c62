import { isChanged, rowsAfter } from "../changed.ts";
import type { TableReport } from "../model.ts";
import { html, type Markup, nothing } from "../../../lib/html.ts";
import {
  bar,
  code,
  empty,
  folded,
  quiet,
  type Section,
  type Sheet,
  table,
  tag,
  titledTable,
} from "./parts.ts";

export function data(sheet: Sheet): Section {
  const { report, text } = sheet;
  const labels = text.page.data;
  const body =
    report.tables.length === 0
      ? empty(sheet, text.page.nothing)
      : html`<h3>${labels.tables}</h3>
          ${rows(sheet)}${values(sheet)}${constraints(sheet)}${sequences(sheet)}`;
  return { id: "data", heading: labels.heading, body };
}

function rows({ report, text }: Sheet): Markup {
  const labels = text.page.data;
  const largest = Math.max(
    10,
    ...report.tables.flatMap((each) => [each.before ?? 0, rowsAfter(each) ?? 0]),
  );
  const decades = Math.ceil(Math.log10(largest + 1));
  const changed = report.tables.filter(isChanged);
  const same = report.tables.filter((each) => !isChanged(each));
  const axis = html`<svg class="axis" width="100%" height="14" aria-hidden="true">
    ${ticks(decades).map(({ x, rows }) => html`<text x="${x}" y="12">${text.compact(rows)}</text>`)}
  </svg>`;
  const drawn = (tables: readonly TableReport[]) =>
    html`<table class="bars" role="table">
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">${labels.table}</th>
          <td role="cell">${axis}</td>
          <th scope="col" role="columnheader" class="number">${labels.before}</th>
          <th scope="col" role="columnheader" class="number">${labels.after}</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${tables.map((each) => row(each, decades, text))}
      </tbody>
    </table>`;
  return html`${quiet(labels.scale)}
  ${changed.length === 0 ? html`<p>${labels.noneChanged}</p>` : drawn(changed)}
  ${same.length === 0 ? nothing : folded(labels.same(same.length), drawn(same))}`;
}

/** Where ten, a hundred, a thousand rows are. */
function ticks(decades: number): { x: string; rows: number }[] {
  return Array.from({ length: decades - 1 }, (_, index) => {
    const rows = 10 ** (index + 1);
    return { x: `${((100 * Math.log10(rows + 1)) / decades).toFixed(2)}%`, rows };
  });
}

function row(each: TableReport, decades: number, text: Sheet["text"]): Markup {
  const labels = text.page.data;
  const at = (number: number) => (100 * Math.log10(number + 1)) / decades;
  const marks = ticks(decades).map(
    ({ x }) => html`<line class="mark" x1="${x}" x2="${x}" y1="0" y2="18" />`,
  );
  const [before, after] = [each.before, rowsAfter(each)];
  const [shownBefore, shownAfter] = [before, after].map((number) => orNone(number, text));
  return html`<tr role="row">
    <th scope="row" role="rowheader">${code(each.table)} ${notes(each, text).map(tag)}</th>
    <td role="cell" class="drawn">
      <svg
        width="100%"
        height="18"
        role="img"
        aria-label="${labels.bars(shownBefore!, shownAfter!)}"
      >
        ${marks}${before ? bar("before", 0, at(before), 1, 7) : nothing}${after ? bar("after", 0, at(after), 10, 7) : nothing}
      </svg>
    </td>
    <td role="cell" class="number">${shownBefore!}</td>
    <td role="cell" class="number">${shownAfter!}</td>
  </tr> `;
}

function orNone(number: number | null, text: Sheet["text"]): string {
  return number === null ? "–" : text.count(number);
}

function notes(each: TableReport, { page, authors, count }: Sheet["text"]): string[] {
  const labels = page.data;
  const { createdBy, droppedBy, renamedFrom, removed, added, migrated, booted } = each;
  return [
    createdBy !== null && droppedBy !== null ? labels.recreated(authors[createdBy]) : "",
    createdBy !== null && droppedBy === null ? labels.added(authors[createdBy]) : "",
    createdBy === null && droppedBy !== null ? labels.dropped(authors[droppedBy]) : "",
    renamedFrom === null ? "" : labels.renamed(renamedFrom),
    removed ? labels.removedRows(removed) : "",
    added ? labels.addedRows(added) : "",
    migrated !== null && booted !== null && migrated !== booted
      ? labels.atBoot(count(migrated), count(booted))
      : "",
  ].filter(Boolean);
}

function values({ report, text }: Sheet): Markup {
  const labels = text.page.data;
  const changes = report.tables.flatMap(({ table, changed }) =>
    changed.map((change) => ({ table, ...change })),
  );
  return titledTable(
    labels.values,
    [labels.column, labels.change],
    [labels.rows],
    changes.map(({ table, column, kind, rows }) => [
      code(`${table}.${column}`),
      text.columnChanges[kind],
      rows === null ? text.page.unknown : text.count(rows),
    ]),
  );
}

function constraints({ report, text }: Sheet): Markup {
  const labels = text.page.data;
  return titledTable(
    labels.constraints,
    [labels.table, labels.constraint],
    [labels.rows],
    report.constraints.map(({ table, constraint, definition, rows }) => [
      code(table),
      html`${code(constraint)}<br />${code(definition)}`,
      text.count(rows),
    ]),
  );
}

function sequences({ report, text }: Sheet): Markup {
  const labels = text.page.data;
  if (report.sequences.length === 0) return nothing;
  const listed = (sequences: Sheet["report"]["sequences"]) =>
    table(
      labels.sequences,
      [labels.sequence],
      [labels.before, labels.after],
      sequences.map(({ sequence, before, after, behind }) => [
        html`${code(sequence)}${behind ? tag(labels.behind) : nothing}`,
        orNone(before, text),
        orNone(after, text),
      ]),
    );
  const behind = report.sequences.filter((sequence) => sequence.behind);
  const fine = report.sequences.filter((sequence) => !sequence.behind);
  const summary = behind.length === 0 ? labels.sequencesAll : labels.sequencesFine;
  return html`<h3>${labels.sequences}</h3>
    ${behind.length === 0 ? nothing : listed(behind)}
    ${fine.length === 0 ? nothing : folded(summary(fine.length), listed(fine))}`;
}
