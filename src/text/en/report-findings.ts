import { count } from "./format.ts";
import { duration, size } from "./measures.ts";
import { operations } from "./operations.ts";

type StepName = keyof typeof operations.steps;
type Author = "migration" | "boot";

const askAuthors = "Ask BiomAid's authors whether this is meant, before you decide.";
const atBoot =
  "Check which local settings go with this version ([local] in updater.toml, config.d in that repository), then rehearse again.";

/** "1 row", "12 rows" */
export const rows = (number: number) => `${count(number)} ${number === 1 ? "row" : "rows"}`;

const rowsOrUnknown = (number: number | null) =>
  number === null ? "an unknown number of rows" : rows(number);

const author = (by: Author) => (by === "migration" ? "a migration" : "BiomAid, when it starts,");

/** Of what speaks against a release, or is to be known of it: what, why it matters, and what to do. */
export const findings = {
  "release-fails": ({ step, reason }: { step: StepName; reason: string }) => ({
    what: `The new version fails at “${operations.steps[step]}”: ${reason}`,
    why: "A swap would fail at the same place and be undone. What comes after it could not be rehearsed.",
    next: "Send this report to BiomAid's authors, or choose another version: updater versions",
  }),
  "rows-lost": ({
    table,
    rows: lost,
    before,
    by,
  }: {
    table: string;
    rows: number;
    before: number;
    by: Author;
  }) => ({
    what: `${table} loses ${count(lost)} of ${rows(before)}: ${author(by)} removes them.`,
    why: "They were there before the update and are not afterwards.",
    next: by === "migration" ? askAuthors : atBoot,
  }),
  "values-changed": ({
    table,
    column,
    rows,
  }: {
    table: string;
    column: string;
    rows: number | null;
  }) => ({
    what: `${table}.${column}: the update changes what ${rowsOrUnknown(rows)} hold.`,
    why: "Values that people entered are other values afterwards.",
    next: askAuthors,
  }),
  "table-dropped": ({ table, rows: lost, by }: { table: string; rows: number; by: Author }) => ({
    what: `${table} goes, with ${rows(lost)}: ${author(by)} removes it.`,
    why: "Its rows are nowhere afterwards.",
    next: by === "migration" ? askAuthors : atBoot,
  }),
  "long-lock": ({
    migration,
    table,
    milliseconds,
    limit,
  }: {
    migration: string;
    table: string;
    milliseconds: number;
    limit: number;
  }) => ({
    what: `${migration} keeps ${table} locked for ${duration(milliseconds)} (limit: ${duration(limit)}).`,
    why: "Nothing can use that table meanwhile, and everybody waits.",
    next: "Choose a quiet hour and accept it, or ask BiomAid's authors for a gentler migration.",
  }),
  "hold-too-long": ({ predicted, max }: { predicted: number; max: number }) => ({
    what: `Users would wait for ${duration(predicted)}; a swap gives up after ${duration(0.8 * max)}, four fifths of hold.max.`,
    why: "Such a swap gives up before its end and is undone, after users have waited for nothing.",
    next: "Allow more (hold.max in updater.toml) and choose a quiet hour, then rehearse again.",
  }),
  "constraint-broken": ({
    table,
    constraint,
    rows: broken,
  }: {
    table: string;
    constraint: string;
    rows: number;
  }) => ({
    what: `${table}: ${rows(broken)} ${broken === 1 ? "does" : "do"} not satisfy ${constraint}.`,
    why: "The new version relies on that rule. Editing such a row fails, and so may restoring a backup.",
    next: "Correct the rows in BiomAid (their rule is below), then rehearse again.",
  }),
  "sequence-behind": ({ sequence }: { sequence: string }) => ({
    what: `${sequence} is behind the numbers already in use.`,
    why: "The next new record would get a number that exists, and be refused.",
    next: "Tell BiomAid's authors; setval() mends it after the update.",
  }),
  "page-fails": ({
    page,
    status,
    signedIn,
  }: {
    page: string;
    status: number;
    signedIn: boolean;
  }) => ({
    what: `${page} ${status === 0 ? "does not answer" : `answers ${status}`}${signedIn ? " when signed in" : ""}.`,
    why: "The serving version shows this page; with the new one, nobody could use it.",
    next: "Read why (updater logs --operation), and tell BiomAid's authors.",
  }),
  "sql-error": ({ page, message }: { page: string; message: string }) => ({
    what: `${page}: the database refuses something: ${message}`,
    why: "Code and database do not fit each other there, even where the page shows something.",
    next: "Read the whole message (updater logs --operation), and tell BiomAid's authors.",
  }),
  "page-slower": ({ page, before, after }: { page: string; before: number; after: number }) => ({
    what: `${page} takes ${duration(after)} instead of ${duration(before)}.`,
    why: "Users would notice.",
    next: "Look at it again after the swap; one slow answer may be chance.",
  }),
  "page-differs": ({ page, lines }: { page: string; lines: number }) => ({
    what: `${page} shows ${lines === 1 ? "a line" : `${lines} lines`} otherwise than the installation by hand.`,
    why: "The order of names, a language or a file may be another one here. What users wrote since the copy was taken shows, too.",
    next: "Look at both side by side: updater adopt --rehearse --keep",
  }),
  "page-failed-before": ({ page, status }: { page: string; status: number }) => ({
    what: `${page} fails already today (${status === 0 ? "no answer" : status}).`,
    why: "It cannot tell whether the new version is well, and a swap is undone where it does not answer 200.",
    next: "Mend it, or take it out of [probe] in updater.toml. What fails only without a network is well in a swap.",
  }),
  "no-user-to-probe": (_: object) => ({
    what: "No active user to sign in as: only the pages anyone may see were tried.",
    why: "Those pages hardly touch the database. A failure behind the sign-in would go unseen.",
    next: "Name a user under [probe] in updater.toml, then rehearse again.",
  }),
  "rewrites-table": ({ migration, table }: { migration: string; table: string }) => ({
    what: `${migration} writes ${table} anew, from the first row to the last.`,
    why: "It takes longer the larger the table, and as much disk again.",
    next: "Nothing, if the hold predicted here suits you.",
  }),
  irreversible: ({ migrations }: { migrations: readonly string[] }) => ({
    what:
      migrations.length === 1
        ? `${migrations[0]} cannot be undone by Django.`
        : `${migrations.length} migrations cannot be undone by Django: ${migrations.join(", ")}.`,
    why: "manage.py could not take the database back. updater rollback can: it returns to the database left behind.",
    next: "Nothing. See “Going back” for what that loses.",
  }),
  "rollback-loses": ({
    lossy,
    impossible,
  }: {
    lossy: readonly string[];
    impossible: readonly string[];
  }) => ({
    what: `${[...lossy, ...impossible].join(", ")}: the old version could not take all that is written there after the swap.`,
    why: "The old tables lack what the new version writes there, or require what it no longer writes.",
    next: "Look at the new version thoroughly on the first day, while going back still costs little.",
  }),
  "mapping-fails": ({
    table,
    column,
    reason,
  }: {
    table: string;
    column: string;
    reason: string;
  }) => ({
    what: `rollback.map.${table}.${column} does not do for all rows: ${reason}`,
    why: "A rollback could not keep what is written there after the swap.",
    next: "Correct the expression in updater.toml, then rehearse again.",
  }),
  "settings-added": ({ names }: { names: readonly string[] }) => ({
    what: `${names.join(", ")}: new ${names.length === 1 ? "setting" : "settings"}, not set by the site.`,
    why: "The new version takes its own default for them, where it has one.",
    next: "Read about them in the example settings, and add what suits you to your instance_settings.py.",
  }),
  "settings-removed": ({ names }: { names: readonly string[] }) => ({
    what: `${names.join(", ")}: set by the site, no longer listed by the new version.`,
    why: "What the site wanted with them may no longer happen.",
    next: "Read the release notes for what took their place.",
  }),
  "column-dropped": ({
    table,
    column,
    rows: held,
  }: {
    table: string;
    column: string;
    rows: number;
  }) => ({
    what: `${table}.${column} goes; ${rows(held)} had a value there.`,
    why: "The new version does without it, or has put the values elsewhere.",
    next: "Make sure that nobody needs them. They stay in the backup and in the previous generation.",
  }),
  "values-filled": ({
    table,
    column,
    rows,
  }: {
    table: string;
    column: string;
    rows: number | null;
  }) => ({
    what: `${table}.${column} was empty and is filled in ${rowsOrUnknown(rows)}.`,
    why: "No value is lost; the new version put one where there was none.",
    next: "Nothing, if the new values make sense to those who work with them.",
  }),
  "hold-near-limit": ({ predicted, max }: { predicted: number; max: number }) => ({
    what: `Users would wait for ${duration(predicted)}, close to hold.max (${duration(max)}).`,
    why: "On a busy day the swap might give up and be undone.",
    next: "Choose a quiet hour, or allow more (hold.max in updater.toml).",
  }),
  "disk-short": ({ needed, free }: { needed: number; free: number }) => ({
    what: `The swap needs ${size(needed)} of disk; ${size(free)} are free.`,
    why: "It would stop while the database is copied. Production would not suffer.",
    next: "Make room: updater prune, docker system df",
  }),
  "memory-short": ({ needed, free }: { needed: number; free: number }) => ({
    what: `The swap needs ${size(needed)} of memory; ${size(free)} are free.`,
    why: "Two versions run side by side for a while; the machine would swap or kill one.",
    next: "Stop something else for that time, or give the machine more memory.",
  }),
};
