/** A line of cron that runs jobs of a BiomAid. */
export interface CronLine {
  /** Whose crontab, or which file of /etc/cron.d. */
  readonly of: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** When, as cron writes it: `*\/15 * * * *`, `@daily`. */
  readonly when: string;
  /** The kind of jobs: `quarter_hourly`. */
  readonly kind: string;
}

/** @param ofSystem a user's name stands between the time and the command, as in /etc/cron.d */
export function jobLines(of: string, text: string, ofSystem: boolean): readonly CronLine[] {
  return text.split("\n").flatMap((line, index) => {
    const time = /^\s*(@\w+|(?:\S+\s+){4}\S+)\s+(.*)$/.exec(line);
    if (/^\s*(#|$)/.test(line) || !time) return [];
    const [, when = "", rest = ""] = time;
    const command = ofSystem ? rest.replace(/^\S+\s+/, "") : rest;
    const [, kind] = /\brunjobs\s+(\w+)/.exec(command) ?? [];
    if (kind === undefined) return [];
    return [{ of, line: index + 1, text: line.trim(), when: when.replace(/\s+/g, " "), kind }];
  });
}
