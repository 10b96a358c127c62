import type { TableReport } from "./model.ts";

/** How many rows there are in the end; null where there is no such table, or the rehearsal ended before. */
export function rowsAfter({ migrated, booted, createdBy, droppedBy }: TableReport): number | null {
  const gone = droppedBy !== null && createdBy === null;
  return booted ?? (gone ? null : migrated);
}

/** Whether a table holds anything else than before, or is another one: what should be looked at. */
export function isChanged(table: TableReport): boolean {
  const after = rowsAfter(table);
  return (
    (after !== null && after !== table.before) ||
    table.createdBy !== null ||
    table.droppedBy !== null ||
    table.renamedFrom !== null ||
    (table.removed ?? 0) + (table.added ?? 0) > 0 ||
    table.changed.length > 0
  );
}
