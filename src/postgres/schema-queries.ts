/** Relations of `public` (`c`) that no extension brought. */
const own = `c.relnamespace = 'public'::regnamespace AND NOT EXISTS (
  SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')`;

const columns = `
  SELECT json_agg(json_build_object(
           'number', a.attnum, 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
           'notNull', a.attnotnull, 'default', pg_get_expr(d.adbin, d.adrelid),
           'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
           'generated', a.attgenerated <> '',
           'sequence', CASE WHEN a.attidentity <> '' THEN (
             SELECT s.oid::bigint FROM pg_depend JOIN pg_class s ON s.oid = objid
              WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass
                AND refobjid = a.attrelid AND refobjsubid = a.attnum
                AND deptype = 'i' AND s.relkind = 'S' LIMIT 1)
           ELSE (
             SELECT s.oid::bigint FROM pg_depend JOIN pg_class s ON s.oid = refobjid
              WHERE classid = 'pg_attrdef'::regclass AND objid = d.oid
                AND refclassid = 'pg_class'::regclass AND s.relkind = 'S' LIMIT 1) END) ORDER BY a.attnum)
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`;

/** A column of the catalogue that not every version has (`as JSON`): NULL, and no error, where it is missing. */
const perhaps = (row: string, column: string) => `to_jsonb(${row}) ->> '${column}'`;

/** From PostgreSQL 15 on. */
const nullsAlike = `coalesce((${perhaps("i", "indnullsnotdistinct")})::boolean, false)`;

/** Collations (`c`) as far as they decide what is alike or comes first. ICU's locale has had three places. */
const sorting = (collations: string, which: string) => `coalesce((
  SELECT string_agg(concat_ws(' ', l.collname, l.collprovider, coalesce(l.collcollate, ${perhaps("l", "colliculocale")}, ${perhaps("l", "colllocale")}),
                              CASE WHEN l.collisdeterministic THEN '' ELSE 'loose' END), ', ' ORDER BY n)
    FROM unnest(${collations}) WITH ORDINALITY u (c, n) JOIN pg_collation l ON l.oid = u.c WHERE ${which}), '')`;

/** What is unique is compared byte by byte, but by these; most databases have none of them, which is asked once. */
const sortingOfUnique = `
  CASE WHEN (SELECT bool_or(NOT collisdeterministic) FROM pg_collation)
       THEN ${sorting("i.indcollation::oid[]", "NOT l.collisdeterministic")} ELSE '' END`;

const sortingOfRule = `CASE k.contype WHEN 'c' THEN ${sorting(
  `ARRAY(SELECT attcollation FROM pg_attribute
          WHERE attrelid = k.conrelid AND attnum = ANY (k.conkey) ORDER BY attnum)`,
  "true",
)} WHEN 'x' THEN ${sorting("i.indcollation::oid[]", "true")} WHEN 'f' THEN '' ELSE ${sortingOfUnique} END`;

/** Bytes that any index takes, with what it writes besides: the least is the 2704 of a B-tree. */
const maxIndexed = 2500;

/**
 * Bytes that the columns of an index can have; null where there is no limit. Expressions and conditions may fail
 * for a value besides.
 */
const bytesOfIndex = `
  CASE WHEN i.indexprs IS NULL AND i.indpred IS NULL THEN (
    SELECT CASE WHEN bool_and(bytes IS NOT NULL) THEN sum(bytes) END FROM (
      SELECT CASE WHEN a.attlen > 0 THEN a.attlen
                  WHEN a.atttypid IN ('varchar'::regtype, 'bpchar'::regtype) AND a.atttypmod > 0 THEN a.atttypmod * 4
                  WHEN a.atttypid = 'numeric'::regtype AND a.atttypmod > 0 THEN (a.atttypmod >> 16 & 65535) + 16
                  WHEN a.atttypid = 'inet'::regtype THEN 32 END AS bytes
        FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)) columns) END`;

/** A check's or an exclusion's expression names columns; a rename is told by its oid, which stays. */
const constraints = `
  SELECT json_agg(json_build_object(
           'oid', k.oid::bigint, 'name', k.conname, 'definition', pg_get_constraintdef(k.oid),
           'signature', CASE WHEN k.contype IN ('c', 'x')
             THEN replace(pg_get_constraintdef(k.oid), ' NOT VALID', '')
             ELSE concat_ws(' ', k.contype, k.conkey::text, nullif(k.confrelid, 0), k.confkey::text,
                            k.confupdtype, k.confdeltype, ${perhaps("k", "confdelsetcols")}, k.confmatchtype,
                            k.condeferrable, k.condeferred,
                            CASE WHEN k.contype = 'u' THEN ${nullsAlike} END) END,
           'columns', coalesce(to_json(k.conkey), '[]'),
           'sorting', ${sortingOfRule},
           'nullsPass', (k.contype = 'u' AND NOT ${nullsAlike})
                     OR (k.contype = 'f' AND k.confmatchtype = 's'),
           'kind', CASE k.contype WHEN 'p' THEN 'primary' WHEN 'u' THEN 'unique'
                                  WHEN 'f' THEN 'foreign' WHEN 'c' THEN 'check' ELSE 'exclusion' END,
           'validated', k.convalidated,
           'references', nullif(k.confrelid, 0)::bigint,
           'keys', coalesce(to_json(k.confkey), '[]')) ORDER BY k.conname)
    FROM pg_constraint k LEFT JOIN pg_index i ON i.indexrelid = k.conindid
   WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'f', 'c', 'x')`;

const indexes = `
  SELECT json_agg(json_build_object(
           'oid', i.indexrelid::bigint, 'name', x.relname,
           'definition', pg_get_indexdef(i.indexrelid),
           'signature', concat_ws(' ', CASE WHEN i.indisunique THEN 'unique' END,
             substr(pg_get_indexdef(i.indexrelid), length(format('CREATE %sINDEX %I ON %spublic.%I ',
               CASE WHEN i.indisunique THEN 'UNIQUE ' END, x.relname,
               CASE WHEN x.relkind = 'I' THEN 'ONLY ' END, c.relname)) + 1)),
           'columns', to_json((string_to_array(i.indkey::text, ' ')::integer[])[:i.indnkeyatts]),
           'sorting', CASE WHEN i.indisunique THEN ${sortingOfUnique} ELSE '' END,
           'nullsPass', NOT ${nullsAlike},
           'takesAll', i.indisunique OR m.amname = 'hash' AND i.indexprs IS NULL AND i.indpred IS NULL
                    OR coalesce((${bytesOfIndex}) <= ${maxIndexed}, false),
           'unique', i.indisunique AND i.indisvalid) ORDER BY x.relname)
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
   WHERE i.indrelid = c.oid AND NOT EXISTS (
           SELECT FROM pg_constraint k
            WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))`;

/** Numbers of the columns of an index, without those it only carries along. */
const primaryKey = `
  SELECT to_json((string_to_array(i.indkey::text, ' ')::integer[])[:i.indnkeyatts])
    FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary`;

/** Triggers and rules of the site that act on what arrives by replication as well. */
const firing = `
  SELECT json_agg(json_build_object('kind', kind, 'name', name, 'enabled',
                                    CASE enabled WHEN 'A' THEN 'ALWAYS' ELSE 'REPLICA' END) ORDER BY kind, name)
    FROM (SELECT 'TRIGGER' AS kind, tgname AS name, tgenabled AS enabled FROM pg_trigger
           WHERE tgrelid = c.oid AND NOT tgisinternal
           UNION ALL SELECT 'RULE', rulename, ev_enabled FROM pg_rewrite WHERE ev_class = c.oid) acting
   WHERE enabled IN ('A', 'R')`;

const isTable = `c.relkind IN ('r', 'p') AND NOT c.relispartition AND ${own}`;

/** One row a table. */
export const schemaQuery = `
SELECT json_build_object(
         'oid', c.oid::bigint, 'name', c.relname,
         'partitioning', CASE WHEN c.relkind = 'p' THEN concat_ws(': ', pg_get_partkeydef(c.oid), (
           SELECT string_agg(bound, ', ' ORDER BY bound) FROM (
             SELECT pg_get_expr(p.relpartbound, p.oid) AS bound
               FROM pg_partition_tree(c.oid) t JOIN pg_class p ON p.oid = t.relid
              WHERE t.level > 0) bounds)) END,
         'columns', coalesce((${columns}), '[]'),
         'constraints', coalesce((${constraints}), '[]'),
         'indexes', coalesce((${indexes}), '[]'),
         'primaryKey', coalesce((${primaryKey}), '[]'),
         'logged', c.relpersistence <> 'u',
         'replicaIdentity', CASE c.relreplident WHEN 'd' THEN 'default' WHEN 'f' THEN 'full'
                                                WHEN 'i' THEN 'index' ELSE 'nothing' END,
         'firing', coalesce((${firing}), '[]'),
         'file', coalesce(pg_relation_filenode(c.oid), 0)::bigint,
         -- pg_relation_size would wait for whoever has locked the table.
         'empty', coalesce((pg_stat_file(pg_relation_filepath(c.oid), true)).size = 0, true)) AS table
  FROM pg_class c
 WHERE ${isTable}
 ORDER BY c.relname`;

export const tablesQuery = `
SELECT json_build_object('oid', c.oid::bigint, 'name', c.relname) AS table
  FROM pg_class c WHERE ${isTable}`;

export const sequencesQuery = `
SELECT json_build_object('oid', c.oid::bigint, 'name', c.relname, 'increment', s.seqincrement,
                         'least', s.seqmin, 'greatest', s.seqmax, 'last', pg_sequence_last_value(c.oid)) AS sequence
  FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid
 WHERE c.relkind = 'S' AND ${own}
 ORDER BY c.relname`;

/** A type may admit more than before under the same name. */
export const typesQuery = `
SELECT format_type(t.oid, NULL) AS name,
       CASE t.typtype WHEN 'e' THEN (
         SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder)
           FROM pg_enum WHERE enumtypid = t.oid)
       ELSE concat_ws(' ', format_type(t.typbasetype, t.typtypmod),
                      CASE WHEN t.typnotnull THEN 'NOT NULL' END, (
         SELECT string_agg(pg_get_constraintdef(k.oid), ' ' ORDER BY k.conname)
           FROM pg_constraint k WHERE k.contypid = t.oid)) END AS admits
  FROM pg_type t
 WHERE t.typtype IN ('e', 'd')
   AND t.typnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`;
