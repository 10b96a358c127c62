/**
 * The variables of a file with a line NAME=value each; blank lines and those that begin with # say nothing.
 * @returns nothing when it has another line
 */
export function environmentIn(text: string): readonly string[] | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "" && !line.startsWith("#"));
  return lines.every((line) => /^[A-Za-z_][A-Za-z0-9_]*=[^\p{Cc}]*$/u.test(line))
    ? lines
    : undefined;
}
