import { afterEach, describe, expect, test } from "vitest";
import { catalogueOf, languageOf, languages, type Wait } from "../../../src/text/catalogue.ts";

const noBreakSpace = "\u00a0";
const en = catalogueOf("en");
const fr = catalogueOf("fr");

/** Every plain text of a catalogue, with the path that leads to it. */
function textsOf(value: unknown, path = ""): [path: string, text: string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => textsOf(child, `${path}.${key}`));
}

/** Facts that are numbers. */
const amounts = new Set([
  "needed",
  "free",
  "bytes",
  "links",
  "seconds",
  "minutes",
  "hours",
  "failures",
  "refused",
  "stretch",
  "expectedMs",
  "limitMs",
]);

/** Everything that may be waited for. */
const since = "2026-11-22T21:30:00.000Z";
const waits: readonly Wait[] = [
  { kind: "session", since, container: "g1-db", pid: 42, who: "biomaid", statement: "UPDATE …" },
  { kind: "requests", since, count: 1 },
  { kind: "requests", since, count: 7 },
  { kind: "log", since, container: "g2-db", bytes: 12_000_000 },
  { kind: "log", since, container: "g1-db", bytes: null },
  { kind: "database", since, container: "g1-db" },
  { kind: "stop", since, container: "g1-app" },
  { kind: "pages", since, tag: "0.8.1", pages: ["/admin/login/"] },
  { kind: "operation", since, operation: "swap 0.8.1", holder: "root@host (42)" },
  { kind: "fetch", since, repository: "/srv/biomaid", lock: "/cache/lock" },
  { kind: "repository", since, repository: "/srv/biomaid" },
  { kind: "snapshots", since, repository: "sftp:nas:/b", host: "other" },
  { kind: "engine", since },
  { kind: "own-backup", since, bytes: 0, lastMs: null },
  { kind: "own-backup", since, bytes: 12_000_000, lastMs: 250_000 },
  { kind: "processors", since, stretch: 4.5, expectedMs: 30_000, limitMs: 24_000 },
];

/** Every error as a person reads it, with parameters that stand for any. */
function errorsOf(catalogue: typeof en): [path: string, text: string][] {
  const anything = new Proxy(
    {},
    {
      get: (_, key) => {
        if (key === "kind") return "unknownCommand";
        if (key === Symbol.toPrimitive) return () => "…";
        if (amounts.has(String(key))) return 1;
        if (key === "key") return "ref";
        if (key === "why") return "newer";
        if (key === "timeZone") return "Europe/Paris";
        if (key === "awaited") return { kind: "engine", since: "2026-11-22T21:30:00.000Z" };
        if (["since", "at", "from", "until"].includes(String(key)))
          return "2026-11-22T21:30:00.000Z";
        if (
          [
            "pages",
            "problems",
            "faults",
            "nearest",
            "lost",
            "codes",
            "known",
            "gone",
            "unknown",
            "tables",
            "transactions",
            "extensions",
            "collations",
            "views",
            "databases",
            "roles",
            "settings",
            "others",
            "folders",
            "obstacles",
            "places",
            "changes",
            "pending",
            "statements",
            "parts",
          ].includes(String(key))
        )
          return [];
        return typeof key === "string" && key !== "suggestion" ? `<${key}>` : undefined;
      },
    },
  );
  return Object.entries(catalogue.errors).flatMap(([code, describeError]) => {
    const { what, next } = (
      describeError as (parameters: object) => { what: string; next: string }
    )(anything);
    return [
      [`${code}.what`, what],
      [`${code}.next`, next],
    ] as [string, string][];
  });
}

test.each([
  [{ LANG: "fr_FR.UTF-8" }, "fr"],
  [{ LANG: "fr_FR.UTF-8", LC_ALL: "C" }, "en"],
  [{ LANG: "C", LC_MESSAGES: "fr_CH.UTF-8" }, "fr"],
  [{ LANG: "de_DE.UTF-8" }, "en"],
  [{}, "en"],
])("%o asks for %s", (environment, language) => {
  expect(languageOf(environment)).toBe(language);
});

describe.each(languages)("texts in %s", (language) => {
  const catalogue = catalogueOf(language);

  test("an error says what happened and what to do", () => {
    const wrong = /undefined|\[object|NaN|Invalid Date|^$/;
    expect(errorsOf(catalogue).filter(([, text]) => wrong.test(text))).toEqual([]);
  });

  test("a wait says what it is for, and since when", () => {
    const texts = waits.map((wait) => catalogue.waiting(wait));
    const moment = catalogue.cli.moment(since);
    expect(texts.filter((text) => !text.includes(moment))).toEqual([]);
    expect(texts.filter((text) => /undefined|NaN|\[object/.test(text))).toEqual([]);
    expect(new Set(texts).size).toBe(waits.length);
    expect(texts[0]).toMatch(
      /42 .*biomaid.*UPDATE ….*docker exec g1-db .*pg_terminate_backend\(42\)/,
    );
  });

  test("step names fit beside their time", () => {
    expect(textsOf(catalogue.steps).filter(([, name]) => name.length > 44)).toEqual([]);
  });

  test("help fits a terminal of 80 columns", () => {
    const lines = textsOf(catalogue.cli.help.details).flatMap(([, text]) => text.split("\n"));
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });
});

describe("French", () => {
  const waiting = waits.map((wait): [path: string, text: string] => [wait.kind, fr.waiting(wait)]);
  const texts = [
    ...textsOf(fr.cli),
    ...textsOf(fr.steps),
    ...textsOf(fr.notes),
    ...errorsOf(fr),
    ...waiting,
  ];

  test("is not the English text again", () => {
    const english = new Map([...textsOf(en.cli), ...textsOf(en.notes)]);
    const alike = textsOf(fr.cli)
      .filter(([path, text]) => english.get(path) === text && /[a-z]{3,} [a-z]{3,}/i.test(text))
      .map(([path]) => path);
    expect(alike).toEqual([]);
  });

  test("keeps a sign with the word before it", () => {
    expect(texts.filter(([, text]) => / [:;!?»](\s|$)|« /.test(text))).toEqual([]);
  });

  test("has typographic apostrophes", () => {
    expect(texts.filter(([, text]) => /[a-zéèà]'[a-zéèàâh]/i.test(text))).toEqual([]);
  });

  test("writes numbers as the French do", () => {
    expect(fr.cli.seconds(1234)).toBe(`1,2${noBreakSpace}s`);
    expect(fr.cli.hold(61_000)).toContain(`61,0${noBreakSpace}s`);
    expect(fr.errors.diskTooSmall({ needed: 3_500_000_000, free: 1 }).what).toMatch(/3\s500\sMo/u);
  });
});

test("English writes numbers as the English do, and months in letters", () => {
  expect(en.cli.seconds(1234)).toBe("1.2 s");
  expect(en.cli.day("2026-04-03T12:00:00.000Z")).toBe("3 Apr 2026");
  expect(en.errors.diskTooSmall({ needed: 3_500_000_000, free: 1 }).what).toContain("3,500 MB");
});

describe.each([
  ["en", "22 Nov 2026, "],
  ["fr", "22 nov. 2026, "],
] as const)("a moment in %s", (language, day) => {
  const { moment, momentIn } = catalogueOf(language).cli;
  const before = process.env["TZ"];
  afterEach(() => {
    if (before === undefined) delete process.env["TZ"];
    else process.env["TZ"] = before;
  });

  test("is by the clock of this machine, and says where that is UTC", () => {
    process.env["TZ"] = "Europe/Paris";
    expect(moment(since)).toBe(`${day}22:30`);
    expect(momentIn("Europe/Paris", since)).toBe(`${day}22:30`);
    expect(momentIn("UTC", since)).toBe(`${day}21:30 UTC`);
    process.env["TZ"] = "UTC";
    expect(moment(since)).toBe(`${day}21:30 UTC`);
    expect(momentIn("UTC", since)).toBe(`${day}21:30 UTC`);
    expect(momentIn("Europe/Paris", since)).toBe(`${day}22:30 (Europe/Paris)`);
  });
});

test.each(languages)(
  "half-hours in %s are not called the quietest of a week that is not known",
  (language) => {
    const { quietest } = catalogueOf(language).cli.slots;
    expect(quietest(true)).not.toBe(quietest(false));
  },
);

test.each(languages)("a rollback in %s says what it would lose, and only that", (language) => {
  const { what } = catalogueOf(language).errors.rollbackLosesData({
    tag: "0.8.0",
    lost: [
      { table: "dem_demande", rows: 2, partly: 0, columns: [], deleted: 1 },
      { table: "common_user", rows: 0, partly: 40, columns: ["phone"], deleted: 0 },
    ],
  });
  expect(what).toMatch(/dem_demande \(2 .*; 1 .*\).*common_user \(phone .*40 /);
  expect(what).not.toMatch(/[ (]0 /);
});

test.each([
  ["en", "/a/, /b/ answer 500 when signed in; /c/ does not answer."],
  ["fr", "/a/, /b/ répondent 500 à un utilisateur connecté ; /c/ ne répond pas."],
] as const)("pages that fail alike are named together in %s", (language, ending) => {
  const { what } = catalogueOf(language).errors.pagesFail({
    tag: "0.8.5",
    pages: [
      { page: "/a/", status: 500, signedIn: true },
      { page: "/c/", status: 0, signedIn: false },
      { page: "/b/", status: 500, signedIn: true },
    ],
  });
  expect(what.replaceAll(noBreakSpace, " ").endsWith(ending)).toBe(true);
});
