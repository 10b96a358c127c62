import { html, type Markup, nothing } from "../lib/html.ts";
import type { NoteItem, ReleaseNotes } from "../source/release-notes.ts";

/** Heading of NEWS.md → roles it concerns. */
export type RolesByHeading = Readonly<Record<string, readonly string[]>>;

/**
 * Release notes, with the roles that a section concerns on the section (`data-roles`, JSON) for the script that shows
 * a part of them. They are BiomAid's text, not ours: of Markdown only **bold**, `code` and links to the web are read.
 */
export function notesMarkup(releases: readonly ReleaseNotes[], roles: RolesByHeading): Markup {
  const byHeading = new Map(
    Object.entries(roles).map(([heading, concerned]) => [plain(heading), concerned]),
  );
  return html`${releases.map(
    ({ version, date, sections }) =>
      html`<article>
        <h2>${version}${date === undefined ? nothing : html` <small>${date}</small>`}</h2>
        ${sections.map(({ title, items }) => section(title, items, byHeading.get(plain(title))))}
      </article>`,
  )}`;
}

function section(
  title: string,
  items: readonly NoteItem[],
  concerned: readonly string[] | undefined,
): Markup {
  const roles = concerned ? html` data-roles="${JSON.stringify(concerned)}"` : nothing;
  const heading = title === "" ? nothing : html`<h3>${inline(title)}</h3>`;
  return html`<section${roles}>${heading}${list(items)}</section>`;
}

function list(items: readonly NoteItem[]): Markup {
  if (items.length === 0) return nothing;
  return html`<ul>
    ${items.map(({ text, items: inner }) => html`<li>${inline(text)}${list(inner)}</li>`)}
  </ul>`;
}

const marked = /\*\*([^*]+)\*\*|`([^`]+)`|\[([^[\]]+)\]\((https?:\/\/[^\s()]+)\)/g;

function inline(text: string): Markup {
  const parts: (Markup | string)[] = [];
  let end = 0;
  for (const found of text.matchAll(marked)) {
    const [whole, bold, code, label, address] = found;
    parts.push(text.slice(end, found.index));
    if (bold !== undefined) parts.push(html`<strong>${bold}</strong>`);
    else if (code !== undefined) parts.push(html`<code>${code}</code>`);
    else parts.push(html`<a href="${address!}" target="_blank" rel="noopener">${label!}</a>`);
    end = found.index + whole.length;
  }
  return html`${[...parts, text.slice(end)]}`;
}

/** As a person would write it who looks at the page: no matter which case, with or without a colon. */
function plain(heading: string): string {
  return heading
    .normalize("NFC")
    .toLowerCase()
    .replace(/[\s:#]+$/, "")
    .trim();
}
