const begin = (name: string) => `<!-- generated: ${name} -->`;
const end = "<!-- end -->";
const generated = new RegExp(`${begin("(.+)")}\n[^]*?${end}`, "g");

/** Parts that are generated, by the name in their marker. */
export type Parts = Readonly<Record<string, string>>;

/**
 * A document with its generated parts as they should be; what stands outside their markers stays. One that is
 * not there yet begins with them.
 * @throws Error when a marker names nothing that is generated, or there is no marker for a part
 */
export function withParts(document: string, parts: Parts): string {
  const left = new Set(Object.keys(parts));
  if (document === "") document = [...left].map((name) => `${begin(name)}\n${end}\n`).join("\n");
  const written = document.replaceAll(generated, (_, name: string) => {
    if (!left.delete(name)) throw new Error(`nothing is generated for ${begin(name)}`);
    return `${begin(name)}\n\n${parts[name]}\n\n${end}`;
  });
  if (left.size > 0) throw new Error(`no place for ${[...left].map(begin).join(", ")}`);
  return written;
}

export function markdownTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`)).join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}

export function fenced(text: string, language = ""): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
