/**
 * A line of a file that may hold secrets, as it may be shown: what stands in quotes is hidden.
 * @param line from 1
 * @param column where a caret is put below it, from 1
 */
export function excerptOf(text: string, line: number, column: number | null): string {
  const shown = (text.split(/\r?\n/)[line - 1] ?? "").replaceAll("\t", " ");
  // A text that is not closed goes on to the end of the line.
  const hidden = shown.replace(
    /(["'])((?:\\.|(?!\1).)*)(\1|$)/g,
    (_, open: string, content: string, close: string) =>
      `${open}${"*".repeat(content.length)}${close}`,
  );
  return column === null ? hidden : `${hidden}\n${" ".repeat(column - 1)}^`;
}
