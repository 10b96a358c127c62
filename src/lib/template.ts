/** What a text that a site may replace can contain: {{placeholder}}. */
export interface Placeholders {
  /** Without these it would not do what it is for. */
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

export const maintenancePlaceholders = {
  required: ["refresh", "advice", "form"],
  optional: ["language", "title", "explanation", "expected"],
} as const satisfies Placeholders;

export const bannerPlaceholders = {
  required: [],
  optional: ["version"],
} as const satisfies Placeholders;

export const mailPlaceholders = {
  required: [],
  optional: ["version", "previous", "site"],
} as const satisfies Placeholders;

export const newsBoxPlaceholders = {
  required: ["notes", "close"],
  optional: ["language", "title", "version", "page", "background", "foreground"],
} as const satisfies Placeholders;

export const newsPagePlaceholders = {
  required: ["notes"],
  optional: ["title", "heading", "version", "background", "foreground"],
} as const satisfies Placeholders;

/** What is put in the place of each. */
export type Contents<Of extends Placeholders> = Readonly<
  Record<Of["required"][number] | Of["optional"][number], string>
>;

const pattern = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Placeholders that a template uses although there is no such thing, and those it lacks. */
export function templateFaults(
  template: string,
  { required, optional }: Placeholders,
): { unknown: string[]; missing: string[] } {
  const used = [...template.matchAll(pattern)].map(([, name]) => name!);
  return {
    unknown: used.filter((name) => ![...required, ...optional].includes(name)),
    missing: required.filter((name) => !used.includes(name)),
  };
}

/** A template with its placeholders filled in, as they are. */
export function filled(template: string, contents: Readonly<Record<string, string>>): string {
  return template.replace(pattern, (whole, name: string) => contents[name] ?? whole);
}
