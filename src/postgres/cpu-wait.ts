import type { Database } from "./connect.ts";
import { digestSchema } from "./digest-tables.ts";

/**
 * Lets every session of a copy ask how many milliseconds its process has waited for a processor that
 * others held: `updater_rehearsal.waited()`. Reading that file takes a superuser. It goes with the notes
 * of `keepDigests`.
 */
export async function letSessionsTellWaiting(copy: Database): Promise<void> {
  await copy.query(`
    CREATE FUNCTION ${digestSchema}.waited() RETURNS float8 SECURITY DEFINER
      SET search_path = pg_catalog LANGUAGE sql AS $$
        SELECT coalesce(split_part(pg_read_file('/proc/self/schedstat', 0, 200, true), ' ', 2)::float8 / 1e6, 0)
      $$`);
  await copy.query(`GRANT USAGE ON SCHEMA ${digestSchema} TO PUBLIC`);
}
