/** Aligned columns, the first to the left and the others to the right; the first row heads them. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths?.[0] ?? 0) : cell.padStart(widths?.[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const [head = [], ...body] = rows.map(line);
  return [head, "─".repeat((head as string).length), ...body].join("\n");
}

/** 1234.5 milliseconds as "1.23 s". */
export function seconds(milliseconds: number | null | undefined): string {
  return milliseconds === null || milliseconds === undefined
    ? "–"
    : `${(milliseconds / 1000).toFixed(2)} s`;
}
