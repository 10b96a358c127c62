import { expect, test } from "vitest";
import { changedByTheSite, findingsOf } from "../../../src/adoption/findings.ts";
import { wordsOf } from "../../../src/adoption/finding.ts";
import { catalogueOf } from "../../../src/text/catalogue.ts";
import { found } from "../../support/inspection-sample.ts";

const own = { ENGINE: "django.db.backends.postgresql", NAME: "b", USER: "b", PASSWORD: "" };
const outside = { tables: [], views: [], databases: [], largeObjects: 0 };
const nothing = {
  unlogged: [],
  prepared: [],
  extensions: [],
  collations: [],
  keyless: [],
  outside,
};

/** What is said of a PostgreSQL besides its size. */
function said(version: string) {
  const { site } = found();
  const settings = { ...site.settings!, DATABASES: { default: { ...own, HOST: "", PORT: "" } } };
  const facts = { version, bytes: 1, order: "fr_FR.UTF-8", others: [], sortedOtherwise: false };
  const inspection = found({
    site: { ...site, settings },
    database: { ...facts, ...nothing },
  });
  return findingsOf(inspection)
    .filter(({ code }) => code.endsWith("Postgres"))
    .map((finding) => `${finding.fate}: ${wordsOf(finding, catalogueOf("en")).what}`);
}

test("each major version of PostgreSQL is told what becomes of it", () => {
  expect(said("15.8")).toEqual([]);
  expect(said("13.22")).toEqual([
    expect.stringMatching(
      /^mapped: PostgreSQL 13 becomes PostgreSQL 15; .*follows, for the way back$/,
    ),
  ]);
  expect(said("17.6")).toEqual([expect.stringMatching(/^mapped: .*Its own pg_dump/)]);
  for (const version of ["11.22", "18.1"]) {
    expect(said(version)).toEqual([expect.stringMatching(/^decide: .*from 12 to 17/)]);
  }
});

const changedBy = (...changed: string[]) => {
  const checkout = { folder: "/", commit: "", tags: [], branch: undefined, origin: undefined };
  return changedByTheSite({ sources: { ...checkout, changed } });
};

test("what lines of cron write into the sources, as BiomAid documents them, is no change of its files", () => {
  expect(changedBy("log", "queries.log", "runjobs.log")).toEqual([]);
  expect(changedBy("log/", "common/views.py", "logs.py")).toEqual(["common/views.py", "logs.py"]);
});
