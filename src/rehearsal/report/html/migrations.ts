import type { MigrationReport } from "../model.ts";
import { html, type Markup, nothing } from "../../../lib/html.ts";
import {
  bar,
  code,
  empty,
  list,
  paragraph,
  quiet,
  type Section,
  type Sheet,
  tag,
  titledTable,
} from "./parts.ts";

export function migrations(sheet: Sheet): Section {
  const { report, text } = sheet;
  const labels = text.page.migrations;
  const ordered = report.migrations
    .map((migration, index) => ({ migration, number: index + 1 }))
    .sort((one, other) => other.migration.milliseconds - one.migration.milliseconds);
  const longest = Math.max(1, ordered[0]?.migration.milliseconds ?? 0);
  const total = ordered.reduce((sum, { migration }) => sum + migration.milliseconds, 0);
  const body =
    ordered.length === 0
      ? empty(sheet, labels.none)
      : html`${paragraph(labels.intro(ordered.length, text.duration(total)))}
          <div class="migrations">
            ${ordered.map(({ migration, number }) => entry(migration, number, longest, text))}
          </div>`;
  return { id: "migrations", heading: labels.heading, body };
}

function entry(
  migration: MigrationReport,
  number: number,
  longest: number,
  text: Sheet["text"],
): Markup {
  const labels = text.page.migrations;
  const tags = [
    migration.failure === null ? null : labels.failed,
    migration.reversible ? null : labels.irreversible,
    migration.rewrites.length > 0 ? labels.rewrites : null,
    migration.atomic ? null : labels.notAtomic,
  ].filter((tag) => tag !== null);
  const time = text.duration(migration.milliseconds);
  return html`<details class="migration" ${migration.failure === null ? nothing : html` open`}>
    <summary>
      <span class="name"
        ><span class="order">${number}</span>
        <span>${code(migration.name)} ${tags.map(tag)}</span></span
      >
      <svg width="100%" height="14" role="img" aria-label="${time}">
        ${bar("track", 0, 100, 2)}${bar("after", 0, (100 * migration.milliseconds) / longest, 2)}
      </svg>
      <span class="number">${time}</span>
    </summary>
    <div class="inside">${inside(migration, text)}</div>
  </details> `;
}

function inside(migration: MigrationReport, text: Sheet["text"]): Markup {
  const labels = text.page.migrations;
  const { operations, statements, statementCount, locks, rewrites, touched, failure } = migration;
  return html`${
      failure === null
        ? nothing
        : html`<h3>${labels.failure}</h3>
            <pre>${failure}</pre>`
    }
    <h3>${labels.operations}</h3>
    ${
      operations.length === 0
        ? quiet(labels.noOperations)
        : list(
            operations.map(
              ({ kind, description, reversible }) =>
                html`${code(kind)}
                  <span lang="en">${description}</span
                  >${reversible ? nothing : tag(labels.irreversible)}`,
            ),
          )
    }
    ${statements.length === 0 ? nothing : sql(statements, statementCount, text)}
    ${lockTable(locks, text)}
    ${
      rewrites.length === 0
        ? nothing
        : html`<h3>${labels.rewritten}</h3>
            ${list(rewrites.map(code))}`
    }
    ${touchedTable(touched, text)}`;
}

function lockTable(locks: MigrationReport["locks"], text: Sheet["text"]): Markup {
  const labels = text.page.migrations;
  return titledTable(
    labels.locks,
    [labels.table, labels.mode],
    [labels.held],
    locks.map(({ table, mode, milliseconds }) => [
      code(table),
      code(mode),
      text.duration(milliseconds),
    ]),
  );
}

function touchedTable(touched: MigrationReport["touched"], text: Sheet["text"]): Markup {
  const labels = text.page.migrations;
  return titledTable(
    labels.touched,
    [labels.table],
    [labels.inserted, labels.updated, labels.deleted],
    touched.map(({ table, inserted, updated, deleted }) => [
      code(table),
      ...[inserted, updated, deleted].map(text.count),
    ]),
  );
}

function sql(statements: MigrationReport["statements"], all: number, text: Sheet["text"]): Markup {
  const labels = text.page.migrations;
  return html`<h3>${labels.statements}</h3>
    ${all > statements.length ? quiet(labels.statementsKept(statements.length, all)) : nothing}
    <ol class="sql">
      ${statements.map(
        ({ sql, milliseconds, rows }) =>
          html`<li>
            <pre>${sql}</pre>
            <p class="quiet">
              ${text.duration(milliseconds)}${rows === null ? "" : ` · ${labels.rowsOf(rows)}`}
            </p>
          </li>`,
      )}
    </ol>`;
}
