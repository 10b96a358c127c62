import type { ReleaseNotes } from "../../../source/release-notes.ts";
import { html, type Markup, nothing } from "../../../lib/html.ts";
import { code, list, paragraph, quiet, type Section, type Sheet, table } from "./parts.ts";

export function settings({ report, text }: Sheet): Section {
  const { page } = text;
  const labels = page.source;
  const { files, changes } = report.comparison.settings;
  const shown = (value: string | null) => (value === null ? "–" : code(value));
  const body =
    changes.length === 0
      ? quiet(labels.settingsNone)
      : html`${paragraph(labels.settingsIntro(files.join(", ")))}${table(
          labels.settings,
          [labels.name, labels.change, labels.before, labels.after, labels.inSite],
          [],
          changes.map(({ file, name, kind, before, after, inSite }) => [
            html`${code(name)}<br /><span class="quiet">${file}</span>`,
            labels[kind],
            shown(before),
            shown(after),
            inSite ? page.yes : page.no,
          ]),
        )}`;
  return { id: "settings", heading: labels.settings, body };
}

export function local({ report, text }: Sheet): Section {
  const labels = text.page.source;
  const { from, to, ref, changedFiles } = report.comparison.local;
  const short = (commit: string) => commit.slice(0, 10);
  const files = () => {
    if (changedFiles === null) return quiet(labels.localUnknown);
    if (changedFiles.length === 0) return quiet(labels.localNoFiles);
    return table(
      labels.local,
      [labels.file, labels.change],
      [],
      changedFiles.map(({ file, change }) => [code(file), labels.files[change]]),
    );
  };
  const body =
    from === to
      ? html`<p>${labels.localSame} ${code(short(to))} (${ref})</p>`
      : html`<p>${code(labels.localRef(ref, short(from), short(to)))}</p>
          ${files()}`;
  return { id: "local", heading: labels.local, body };
}

export function dependencies({ report, text }: Sheet): Section {
  const labels = text.page.source;
  const { dependencies } = report.comparison;
  const body =
    dependencies.length === 0
      ? quiet(labels.dependenciesNone)
      : table(
          labels.dependencies,
          [labels.dependency, labels.before, labels.after],
          [],
          dependencies.map(({ name, before, after }) => [code(name), before ?? "–", after ?? "–"]),
        );
  return { id: "dependencies", heading: labels.dependencies, body };
}

export function notes({ report, text }: Sheet): Section {
  const labels = text.page.source;
  const { tags, notes } = report.comparison;
  const body =
    notes.length === 0
      ? quiet(labels.notesNone)
      : html`${paragraph(labels.notesIntro(tags.map(({ tag }) => tag).join(", ")))}
          <div class="notes" lang="fr">${notes.map(release)}</div>`;
  return { id: "notes", heading: labels.notes, body };
}

function release({ version, date, sections }: ReleaseNotes): Markup {
  return html`<h3>
      ${version}${date === undefined ? nothing : html` <span class="quiet">${date}</span>`}
    </h3>
    ${sections.map(({ title, items }) => html`${title === "" ? nothing : html`<h4>${title}</h4>`}${nested(items)}`)}`;
}

type Items = ReleaseNotes["sections"][number]["items"];

function nested(items: Items): Markup {
  if (items.length === 0) return nothing;
  return list(items.map(({ text, items }) => html`${text}${nested(items)}`));
}
