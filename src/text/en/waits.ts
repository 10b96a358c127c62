import { count, moment } from "./format.ts";
import { duration, size } from "./measures.ts";

/** What somebody waits for; `since` (ISO 8601) tells for how long. */
export type Wait =
  /** A session that holds what is needed, and the container of its database; since its transaction began. */
  | {
      readonly kind: "session";
      readonly since: string;
      readonly container: string;
      readonly pid: number;
      readonly who: string;
      /** The beginning of its statement, without the values in it. */
      readonly statement: string;
    }
  /** Requests that an application has not answered. */
  | { readonly kind: "requests"; readonly since: string; readonly count: number }
  /** Log that a database has still to take in; null where it has not begun to. */
  | {
      readonly kind: "log";
      readonly since: string;
      readonly container: string;
      readonly bytes: number | null;
    }
  /** A database that does not answer: it starts, or is frozen. */
  | { readonly kind: "database"; readonly since: string; readonly container: string }
  /** A container that is told to stop. */
  | { readonly kind: "stop"; readonly since: string; readonly container: string }
  /** Pages that an application does not answer yet. */
  | {
      readonly kind: "pages";
      readonly since: string;
      readonly tag: string;
      readonly pages: readonly string[];
    }
  /** Who else does something, and what. */
  | {
      readonly kind: "operation";
      readonly since: string;
      readonly operation: string;
      readonly holder: string;
    }
  /** Another command that reads the same repository, and the file that is its lock. */
  | {
      readonly kind: "fetch";
      readonly since: string;
      readonly repository: string;
      readonly lock: string;
    }
  /** A repository that is being read. */
  | { readonly kind: "repository"; readonly since: string; readonly repository: string }
  /** Another host that has locked the repository of snapshots. */
  | {
      readonly kind: "snapshots";
      readonly since: string;
      readonly repository: string;
      readonly host: string;
    }
  | { readonly kind: "engine"; readonly since: string }
  /** BiomAid's own backup, of which so many bytes are there; the last one took so many milliseconds. */
  | {
      readonly kind: "own-backup";
      readonly since: string;
      readonly bytes: number;
      readonly lastMs: number | null;
    }
  /**
   * A quieter moment: work takes `stretch` times as long as on a free machine, users would wait for so many milliseconds
   * now, and may wait for so many.
   */
  | {
      readonly kind: "processors";
      readonly since: string;
      readonly stretch: number;
      readonly expectedMs: number;
      readonly limitMs: number;
    };

/** How busy a machine has been, and for how many minutes. */
type Busy = Omit<Extract<Wait, { kind: "processors" }>, "kind" | "since"> & {
  readonly minutes: number;
};

type Session = Extract<Wait, { kind: "session" }>;
type Texts = {
  readonly [Kind in Wait["kind"]]: (awaited: Extract<Wait, { kind: Kind }>) => string;
};

/** The same in every language. */
export const endSession = ({ container, pid }: Pick<Session, "container" | "pid">) =>
  `docker exec ${container} psql -U postgres -c 'SELECT pg_terminate_backend(${pid})'`;

/** "4.5 times" */
const times = (stretch: number) => `${stretch.toFixed(1)} times`;

const texts: Texts = {
  session: ({ pid, who, since, statement }) =>
    `session ${pid} of ${who}, whose transaction has been open since ${moment(since)}: “${statement}”`,
  requests: ({ since, count: number }) =>
    `${count(number)} ${number === 1 ? "request" : "requests"} in the application to be answered, since ${moment(since)}`,
  log: ({ since, container, bytes }) =>
    `${container} to ${bytes === null ? "begin to take in the log" : `take in ${count(Math.ceil(bytes / 1_000_000))} MB of log`}, since ${moment(since)}`,
  database: ({ since, container }) =>
    `the database in ${container} to answer, since ${moment(since)}`,
  stop: ({ since, container }) => `${container} to stop, since ${moment(since)}`,
  pages: ({ since, tag, pages }) =>
    `BiomAid ${tag} to answer ${pages.join(", ")}, since ${moment(since)}`,
  operation: ({ since, operation, holder }) =>
    `“${operation}” of ${holder} to end, which has been going on since ${moment(since)}`,
  fetch: ({ since, repository, lock }) =>
    `another command to have read ${repository} (its lock is ${lock}), since ${moment(since)}`,
  repository: ({ since, repository }) =>
    `the repository ${repository} to be read, since ${moment(since)}`,
  snapshots: ({ since, repository, host }) =>
    `${host}, which has locked the repository of snapshots ${repository}, since ${moment(since)}`,
  engine: ({ since }) => `Docker Engine to answer, since ${moment(since)}`,
  "own-backup": ({ since, bytes, lastMs }) =>
    `BiomAid to make its own backup, since ${moment(since)}: ${size(bytes)} so far${lastMs === null ? "" : `; the last one took ${duration(lastMs)}`}`,
  processors: ({ since, stretch, expectedMs, limitMs }) =>
    `a quieter moment, since ${moment(since)}: work takes ${times(stretch)} as long as on a free machine, users would wait for ${count(expectedMs / 1000)} s and may wait for ${count(limitMs / 1000)} s`,
};

/** What can be done about it; nothing where there is nothing to type. */
const hints: Partial<Texts> = {
  session: (session) => `To end it: ${endSession(session)}`,
  fetch: ({ lock }) => `To see which it is: lslocks -o PID,COMMAND,PATH | grep ${lock}`,
  requests: () =>
    "Which ones, the proxy's log says once they are answered: docker logs --since 10m biomaid-NAME-proxy",
};

export function waitText(awaited: Wait): string {
  return (texts[awaited.kind] as (awaited: Wait) => string)(awaited);
}

export function waitHint(awaited: Wait): string | undefined {
  return (hints[awaited.kind] as ((awaited: Wait) => string) | undefined)?.(awaited);
}

export const waits = {
  /** A line while it waits. */
  waiting: (awaited: Wait) =>
    [`Waiting for ${waitText(awaited)}.`, waitHint(awaited)].filter(Boolean).join(" "),

  errors: {
    waitedTooLong: ({
      seconds,
      awaited,
    }: {
      readonly seconds: number;
      readonly awaited: Wait;
    }) => ({
      what: `Gave up after ${count(seconds)} s of waiting for ${waitText(awaited)}.`,
      next: `Try again when that is over. ${waitHint(awaited) ?? "How the site is: updater status"}`,
    }),
    undoTooLong: ({ step, seconds }: { readonly step: string; readonly seconds: number }) => ({
      what: `Undoing “${step}” did not end within ${count(seconds)} s.`,
      next: "See whether Docker Engine and its disk answer (docker ps, df), then: updater recover",
    }),
    returnTooLong: ({ minutes }: { readonly minutes: number }) => ({
      what: `The return to the version before did not end within ${count(minutes)} min.`,
      next: "See what it waited for (updater logs --operation), then: updater rollback",
    }),
    applicationSilent: (silent: {
      readonly container: string;
      readonly asked: string;
      readonly seconds: number;
    }) => ({
      what: `The application in ${silent.container} has not answered “${silent.asked}” within ${count(silent.seconds)} s.`,
      next: "Look at its log (updater logs --operation) and at what else the machine does (top), then try again.",
    }),
    tooBusy: ({ minutes, stretch, expectedMs, limitMs }: Busy) => ({
      what: `The machine is too busy, and for ${count(minutes)} min has not become quieter: work takes ${times(stretch)} as long as on a free one. Users would have waited for ${count(expectedMs / 1000)} s, and may wait for ${count(limitMs / 1000)} s.`,
      next: "Choose a quieter time (updater slots; updater swap TAG --at quiet), end what else runs (top), or let users wait for longer: hold.max in updater.toml.",
    }),
  },
};
