import type { Database } from "./connect.ts";

/** What a restart of a server does besides. */
export interface RestartFacts {
  /** Other databases, and how many sessions with each it would cut off. */
  readonly databases: readonly { readonly name: string; readonly sessions: number }[];
  /** Settings that were changed, and come into force with it. */
  readonly pending: readonly string[];
  /** What would keep it from ending soon, or from starting. */
  readonly faults: readonly string[];
}

/** Segments that may wait to be archived before a server ends, which it does once they are. */
const fewWaiting = 10;

/** What keeps a server from ending, in its own words. */
const archiving = `
  SELECT fault FROM (
    SELECT concat('pg_stat_archiver: last_failed_wal ', last_failed_wal) FROM pg_stat_archiver
     WHERE last_failed_time > coalesce(last_archived_time, '-infinity')
    UNION ALL SELECT concat('pg_wal/archive_status: ', count(*), ' .ready') FROM pg_ls_archive_statusdir()
     WHERE name LIKE '%.ready' HAVING count(*) > ${fewWaiting}) AS waiting (fault)
   WHERE current_setting('archive_mode') <> 'off'`;

export async function restartFacts(source: Database): Promise<RestartFacts> {
  const { rows: said } = await source.query<{ name: string; place: string; error: string }>(
    `SELECT coalesce(name, '') AS name, concat(sourcefile, ':', sourceline) AS place, error
       FROM pg_file_settings WHERE error IS NOT NULL`,
  );
  // Once that was read, this session knows what is pending.
  const { rows } = await source.query<RestartFacts>(
    `SELECT ARRAY(SELECT json_build_object('name', d.datname, 'sessions', count(a.pid)::int)
                    FROM pg_database d LEFT JOIN pg_stat_activity a ON a.datid = d.oid AND a.backend_type = 'client backend'
                   WHERE d.datname <> current_database() AND NOT d.datistemplate
                   GROUP BY d.datname HAVING d.datname <> 'postgres' OR count(a.pid) > 0 ORDER BY d.datname) AS databases,
            ARRAY(SELECT s.name FROM pg_settings s WHERE s.pending_restart ORDER BY 1) AS pending,
            ARRAY(SELECT concat(current_setting('hba_file'), ':', line_number, ': ', error)
                     FROM pg_hba_file_rules WHERE error IS NOT NULL
                   UNION ALL ${archiving}) AS faults`,
  );
  const { databases, pending, faults } = rows[0]!;
  // What could not be applied is either invalid, or waits for the restart; what is in no file any more waits as well.
  const harmless = ({ name: setting, error }: { name: string; error: string }) =>
    /cannot be changed without restarting/.test(error) ||
    (error === "setting could not be applied" && pending.includes(setting));
  const wrong = said
    .filter((one) => !harmless(one))
    .map(({ name: setting, place, error }) => [place, setting, error].filter(Boolean).join(": "));
  return { databases, pending, faults: [...wrong, ...faults] };
}
