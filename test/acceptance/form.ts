/** What a browser would send of a page's form, by name. */
export type Fields = Map<string, string>;

/**
 * Reads the form of a page that posts to `action` (the end of it): controls that are disabled, files, and
 * boxes that aren't ticked are left out, a list sends what it shows.
 */
export function fieldsOf(page: string, action: string): Fields {
  const opening = [...page.matchAll(/<form\b[^>]*>/g)].find(([tag]) =>
    attribute(tag, "action")?.endsWith(action),
  );
  if (!opening) throw new Error(`the page has no form for ${action}`);
  const start = opening.index + opening[0].length;
  const form = page.slice(start, page.indexOf("</form>", start));
  const fields: Fields = new Map();
  for (const { 0: tag, 1: kind, index } of form.matchAll(/<(input|textarea|select)\b[^>]*>/g)) {
    const name = attribute(tag, "name");
    if (name === undefined || /\sdisabled\b/.test(tag)) continue;
    const content = form.slice(index + tag.length, form.indexOf(`</${kind}>`, index));
    if (kind === "select") fields.set(name, chosen(content));
    else if (kind === "textarea") fields.set(name, decode(content).replace(/^\n/, ""));
    else if (!/type="(checkbox|file|radio|submit)"/.test(tag)) {
      fields.set(name, attribute(tag, "value") ?? "");
    }
  }
  return fields;
}

function chosen(options: string): string {
  const tags = [...options.matchAll(/<option\b[^>]*>/g)].map(([tag]) => tag);
  const tag = tags.find((option) => /\sselected\b/.test(option)) ?? tags[0];
  return tag === undefined ? "" : (attribute(tag, "value") ?? "");
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return found === undefined ? undefined : decode(found);
}

function decode(text: string): string {
  const named: Record<string, string> = {
    amp: "&",
    lt: "<",
    gt: ">",
    quot: '"',
    "#x27": "'",
    "#39": "'",
  };
  return text.replace(/&([#\w]+);/g, (entity, name: string) => named[name] ?? entity);
}
