import { escapeIdentifier as name, escapeLiteral as text } from "pg";
import type { FollowedColumn, FollowedTable } from "./followed-table.ts";

/** What a column that arrives as text has where nothing has arrived yet. */
export const notSent = "updater: not sent";

export const followSchema = "updater_follow";

/**
 * Statements that let a table of the previous database take what it can and leave out the rest: one row that
 * it refuses would otherwise stop all that come after it.
 */
export function guardStatements(table: FollowedTable): string[] {
  if (!table.guarded) return [];
  const guard = guardName(table);
  return [
    `CREATE FUNCTION ${guard} RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_catalog AS ${text(body(table))}`,
    `CREATE TRIGGER updater_guard BEFORE INSERT OR UPDATE ON public.${name(table.name)}
       FOR EACH ROW EXECUTE FUNCTION ${guard}`,
    // It is for what arrives alone.
    `ALTER TABLE public.${name(table.name)} ENABLE REPLICA TRIGGER updater_guard`,
  ];
}

export function unguardStatements(table: FollowedTable): string[] {
  if (!table.guarded) return [];
  return [
    `DROP TRIGGER IF EXISTS updater_guard ON public.${name(table.name)}`,
    `DROP FUNCTION IF EXISTS ${guardName(table)}`,
  ];
}

function guardName({ oid }: FollowedTable): string {
  return `${followSchema}.guard_${oid}()`;
}

type Converted = Extract<FollowedColumn, { kind: "converted" }>;

/** It writes the row itself, because only what it writes itself can be refused and survived. */
function body(table: FollowedTable): string {
  const converted = table.columns.filter((column) => column.kind === "converted");
  const taken = new Set(table.mapped.map(({ column }) => column));
  const written = [
    ...table.columns.map((column) => name(column.name)),
    ...converted.map(({ parked }) => name(parked)),
    ...table.gone.map(name),
  ];
  const values = written.map((column) => `NEW.${column}`).join(", ");
  const here = `public.${name(table.name)}`;
  const found = table.key
    .map((column) => `${name(column.name)} = OLD.${name(column.name)}`)
    .join(" AND ");
  const landing = table.columns.filter(({ kind }) => kind !== "same");
  // A long text is sent once: it must be there when the row is taken at last, without it.
  const landed =
    landing.length === 0
      ? ""
      : `IF TG_OP = 'UPDATE' THEN
      UPDATE ${here} SET (${list(landing)}) = ROW(${list(landing, "NEW.")}) WHERE ${found};
    END IF;`;
  return `
DECLARE
  updater_key text := ${keyOf(table.key, "NEW.")};
BEGIN
  IF pg_trigger_depth() > 1 THEN
    RETURN NEW;
  END IF;
  DELETE FROM ${followSchema}.refused r WHERE r.relation = ${table.oid} AND r.key = updater_key AND r.column_name = '';
  ${converted
    .filter(({ parked }) => !taken.has(parked))
    .map((column) => conversion(table, column))
    .join("\n")}
  ${table.mapped.map((column) => mapping(table, column)).join("\n")}
  BEGIN
    IF TG_OP = 'INSERT' THEN
      INSERT INTO ${here} (${written.join(", ")}) OVERRIDING SYSTEM VALUE VALUES (${values});
    ELSE
      UPDATE ${here} SET (${written.join(", ")}) = ROW(${values}) WHERE ${found};
    END IF;
  EXCEPTION WHEN integrity_constraint_violation OR data_exception OR raise_exception OR program_limit_exceeded THEN
    ${refuse(table, "''")}
    ${landed}
  END;
  RETURN NULL;
END`;
}

const list = (columns: readonly { readonly name: string }[], prefix = "") =>
  columns.map((column) => prefix + name(column.name)).join(", ");

/** A value that does not come back the same is no conversion: the column keeps what it had. */
function conversion(
  table: FollowedTable,
  { name: column, parked, type, ownType }: Converted,
): string {
  const [sent, kept] = [`NEW.${name(column)}`, `NEW.${name(parked)}`];
  return `
  IF ${sent} IS DISTINCT FROM ${text(notSent)} THEN
    DELETE FROM ${followSchema}.refused r
     WHERE r.relation = ${table.oid} AND r.key = updater_key AND r.column_name = ${text(column)};
    DECLARE
      before ${ownType} := ${kept};
    BEGIN
      ${kept} := ${sent}::${type}::${ownType};
      IF (${kept}::${type})::text IS DISTINCT FROM (${sent}::${type})::text THEN
        RAISE data_exception;
      END IF;
    EXCEPTION WHEN OTHERS THEN
      ${kept} := before;
      ${refuse(table, text(column))}
    END;
  END IF;`;
}

/** What the site says of a column; where it cannot be told, the column keeps what it had. */
function mapping(
  table: FollowedTable,
  { name: known, column, type, expression }: FollowedTable["mapped"][number],
): string {
  const row = table.columns.map((one) => `NEW.${name(one.name)}::${one.type} AS ${name(one.name)}`);
  const landed = table.columns.filter(({ kind }) => kind !== "same");
  const complete = landed.map((one) => `NEW.${name(one.name)} IS DISTINCT FROM ${text(notSent)}`);
  const kept = `NEW.${name(column)}`;
  return `
  DELETE FROM ${followSchema}.refused r
   WHERE r.relation = ${table.oid} AND r.key = updater_key AND r.column_name = ${text(known)};
  DECLARE
    before ${type} := ${kept};
  BEGIN
    IF NOT (${["true", ...complete].join(" AND ")}) THEN
      RAISE data_exception USING MESSAGE = 'a long value was not sent again';
    END IF;
    SELECT (${expression})::${type} INTO ${kept} FROM (SELECT ${row.join(", ")}) AS ${name(table.name)};
  EXCEPTION WHEN OTHERS THEN
    ${kept} := before;
    ${refuse(table, text(known))}
  END;`;
}

function refuse({ oid }: FollowedTable, column: string): string {
  return `INSERT INTO ${followSchema}.refused VALUES (${oid}, updater_key, ${column}, SQLERRM)
      ON CONFLICT ON CONSTRAINT refused_pkey DO UPDATE SET reason = excluded.reason;`;
}

/** The key of a row as one text, the same on both sides. */
export function keyOf(key: readonly { readonly name: string }[], prefix: string): string {
  return `jsonb_build_array(${key.map((column) => `${prefix}${name(column.name)}::text`).join(", ")})::text`;
}
