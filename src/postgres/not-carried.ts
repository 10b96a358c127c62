import { type Database, hasRows, majorOf } from "./connect.ts";
import { followSchema } from "./follow/apply-triggers.ts";
import { aboutItself } from "./rollback-classes.ts";

/** What a copy of a database leaves out, or one that follows it. Names are as SQL writes them. */
export interface NotCarried {
  /** Tables and sequences that are not logged (UNLOGGED) and hold something: any copy has them empty. */
  readonly unlogged: readonly string[];
  /** Transactions that were prepared and not ended: whatever waits for all transactions waits for them. */
  readonly prepared: readonly PreparedTransaction[];
  /** Installed extensions whose files are not in the image. */
  readonly extensions: readonly string[];
  /** Collations by which indexes are sorted, in another version than the image has. */
  readonly collations: readonly string[];
  /** The same of the database's own. */
  readonly sortedOtherwise: boolean;
  /** Tables without a primary key, or divided into partitions: they do not follow. */
  readonly keyless: readonly string[];
  /** What does not follow because it is no table of `public`, in this database. */
  readonly outside: Outside;
}

interface PreparedTransaction {
  /** What it is called in COMMIT PREPARED. */
  readonly id: string;
  readonly database: string;
}

export interface Outside {
  readonly tables: readonly string[];
  readonly views: readonly string[];
  readonly databases: readonly string[];
  readonly largeObjects: number;
}

const name = "format('%I.%I', n.nspname, c.relname)";

/** Relations (`c`) of the application and of the site, whatever their schema (`n`). */
const relations = `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname NOT IN ('information_schema', '${followSchema}') AND n.nspname !~ '^pg_'
   AND NOT EXISTS (SELECT FROM pg_depend d
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;

const isTable = "c.relkind IN ('r', 'p') AND NOT c.relispartition";

/** A sequence that belongs to a table goes its way. One that has given no number yet has none to lose. */
const unlogged = `c.relpersistence = 'u' AND CASE c.relkind WHEN 'r' THEN true WHEN 'S' THEN
   pg_sequence_last_value(c.oid) IS NOT NULL AND NOT EXISTS (SELECT FROM pg_depend d
     WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')) END`;

const keyless = `n.nspname = 'public' AND c.relname <> ALL ($1) AND c.relpersistence <> 'u' AND ${isTable}
   AND (c.relkind = 'p' OR NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))`;

/** The first version that keeps the version of what it sorts by. */
const withOrderVersion = 15;

const queryOf = (major: number) => `
SELECT ARRAY(SELECT ${name} FROM ${relations} AND ${unlogged} ORDER BY 1) AS unlogged,
       ARRAY(SELECT json_build_object('id', gid, 'database', database) FROM pg_prepared_xacts ORDER BY gid) AS prepared,
       ARRAY(SELECT quote_ident(e.extname) FROM pg_extension e
              WHERE NOT EXISTS (SELECT FROM pg_available_extensions a WHERE a.name = e.extname) ORDER BY 1) AS extensions,
       ARRAY(SELECT format('%I.%I', n.nspname, l.collname)
               FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
              WHERE l.collversion <> pg_collation_actual_version(l.oid)
                AND l.oid IN (SELECT unnest(indcollation) FROM pg_index) ORDER BY 1) AS collations,
       ${
         major < withOrderVersion
           ? "false"
           : `EXISTS (SELECT FROM pg_database d WHERE d.datname = current_database()
                  AND d.datcollversion <> pg_database_collation_actual_version(d.oid))`
       } AS "sortedOtherwise",
       ARRAY(SELECT ${name} FROM ${relations} AND ${keyless} ORDER BY 1) AS keyless,
       ARRAY(SELECT ${name} FROM ${relations} AND n.nspname <> 'public' AND ${isTable} ORDER BY 1) AS tables,
       ARRAY(SELECT ${name} FROM ${relations} AND c.relkind = 'm' ORDER BY 1) AS views,
       ARRAY(SELECT quote_ident(datname) FROM pg_database
              WHERE NOT datistemplate AND datname NOT IN ('postgres', current_database()) ORDER BY 1) AS databases,
       (SELECT count(*)::float FROM pg_largeobject_metadata) AS "largeObjects"`;

/** Looks at the catalogue, and into what is not logged. */
export async function readNotCarried(database: Database): Promise<NotCarried> {
  const query = queryOf(await majorOf(database));
  const { rows } = await database.query<Omit<NotCarried, "outside"> & Outside>(query, [
    aboutItself,
  ]);
  const { tables, views, databases, largeObjects, ...found } = rows[0]!;
  const filled: string[] = [];
  for (const relation of found.unlogged) {
    if (await hasRows(database, `SELECT FROM ONLY ${relation} LIMIT 1`)) filled.push(relation);
  }
  return { ...found, unlogged: filled, outside: { tables, views, databases, largeObjects } };
}

export function isOutside({ tables, views, databases, largeObjects }: Outside): boolean {
  return tables.length + views.length + databases.length + largeObjects > 0;
}
