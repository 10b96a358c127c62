import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfiguration } from "../../../src/config/load.ts";
import { UpdaterError } from "../../../src/errors.ts";
import { parseJournal, type Journal } from "../../../src/instance/journal.ts";
import { emptyState, parseState } from "../../../src/instance/state.ts";
import { lineOf, type Message, messageIn } from "../../../src/supervision/operator-message.ts";
import { TextReporter } from "../../../src/cli/terminal-reporter.ts";
import { readMigration } from "../../../src/source/migration-file.ts";
import { isPlainRef, isPlainTag, versionTag } from "../../../src/source/names.ts";
import { notesMarkup } from "../../../src/messages/notes.ts";
import { parseReleaseNotes } from "../../../src/source/release-notes.ts";
import { compareVersions } from "../../../src/lib/version.ts";
import { catalogueOf, languages } from "../../../src/text/catalogue.ts";

const runs = { numRuns: 1000 };

/** The smallest input found for which a property does not hold, and why; undefined when it always holds. */
const refutes = <Input>(property: fc.IProperty<Input>) =>
  fc.defaultReportMessage(fc.check(property, runs));

const journal: Journal = {
  version: 1,
  instance: "production",
  id: "4427292e-64c3-45e6-bfe8-13ba04295fb3",
  operation: "swap",
  from: "0.8.0",
  to: "0.8.1",
  startedAt: "2026-11-22T22:30:00.000Z",
  serving: 1,
  target: { number: 2, slot: 2 },
  begun: ["build-image", "clone-database"],
};

/** A text somebody has damaged: a piece cut out, another put in its place. */
function damaged(text: string): fc.Arbitrary<string> {
  const piece = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom('"', "\0", "]", "[[", "="));
  return fc
    .tuple(fc.nat(text.length), fc.nat(20), piece)
    .map(([at, length, put]) => text.slice(0, at) + put + text.slice(at + length));
}

/** A JSON text with one value of it replaced by any other. */
function altered(value: object): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...Object.keys(value)), fc.jsonValue())
    .map(([key, other]) => JSON.stringify({ ...value, [key]: other }));
}

/** What was thrown is an error of ours that says something in each language. */
function expectClear(thrown: unknown, ...codes: readonly string[]): void {
  expect(thrown).toBeInstanceOf(UpdaterError);
  const error = thrown as UpdaterError;
  expect(codes).toContain(error.code);
  for (const language of languages) {
    const { what, next } = error.describe(catalogueOf(language));
    expect(what.length).toBeGreaterThan(0);
    expect(next.length).toBeGreaterThan(0);
  }
}

describe("files of the control volume", () => {
  const readers = [
    ["journal", "journalDamaged", journal, (text: string) => parseJournal(text, "production")],
    [
      "state",
      "stateDamaged",
      emptyState("production", "image"),
      (text: string) => parseState(text, "production"),
    ],
  ] as const;

  test.each(readers)(
    "a damaged %s is read as it was or refused clearly",
    (_, code, value, read) => {
      const text = JSON.stringify(value);
      const texts = fc.oneof(fc.json(), fc.string(), damaged(text), altered(value));
      const property = fc.property(texts, (found) => {
        try {
          read(found);
        } catch (thrown) {
          expectClear(thrown, code);
        }
      });
      expect(refutes(property)).toBeUndefined();
    },
  );

  test("a journal comes back as it was written", () => {
    const written = fc.record({
      ...Object.fromEntries(
        Object.entries(journal).map(([key, value]) => [key, fc.constant(value)]),
      ),
      to: fc.string(),
      begun: fc.array(fc.string()),
      serving: fc.option(fc.integer({ min: 1 })),
    });
    expect(
      refutes(
        fc.property(written, (value) => {
          expect(parseJournal(JSON.stringify(value), "production")).toEqual(value);
        }),
      ),
    ).toBeUndefined();
  });
});

describe("what an operator says", () => {
  const record = {
    id: "1",
    tag: "0.8.1",
    commit: "c",
    localCommit: "l",
    settings: null,
    serving: 1,
    image: "i",
    imageId: "d",
    position: "0/1",
    finishedAt: journal.startedAt,
    blocking: [],
    notLossless: [],
    hold: 600,
    verdict: "ready" as const,
  };
  const known = { kind: "current" as const, because: null, record, written: 96 };
  const said: Message[] = [
    { message: "event", event: { type: "step-started", step: "fence" } },
    { message: "event", event: { type: "step-finished", step: "fence", milliseconds: 20 } },
    { message: "event", event: { type: "rehearsed", tag: "0.8.1", choice: "0.8.1", ...known } },
    { message: "event", event: { type: "note", note: "rehearsal-tidied" } },
    {
      message: "event",
      event: { type: "progress", step: "clone-database", done: 1, total: 2, unit: "bytes" },
    },
    {
      message: "event",
      event: {
        type: "recovering",
        operation: "swap",
        to: "0.8.1",
        since: journal.startedAt,
        committed: true,
      },
    },
    {
      message: "refused",
      error: new UpdaterError("pagesFail", {
        tag: "0.8.1",
        pages: [{ page: "/", status: 500, signedIn: true }],
      }),
    },
    { message: "ended", exitCode: 3 },
  ];

  test("arrives as it was said", () => {
    for (const message of said) expect(messageIn(lineOf(message))).toEqual(message);
  });

  test("and was garbled on the way can be shown, or counts as nothing", () => {
    const reporters = languages.map(
      (language) =>
        new TextReporter({
          catalogue: catalogueOf(language),
          stream: new PassThrough().resume() as unknown as NodeJS.WriteStream,
          verbose: true,
        }),
    );
    const lines = fc.constantFrom(...said).chain((message) =>
      fc.oneof(
        damaged(lineOf(message)),
        altered(message),
        "event" in message
          ? altered(message.event).map((event) => `{"message":"event","event":${event}}`)
          : fc.jsonValue().map((parameters) => {
              const error = { code: "pagesFail", parameters: { pages: parameters } };
              return JSON.stringify({ message: "refused", error });
            }),
      ),
    );
    const property = fc.property(lines, (line) => {
      const message = messageIn(line);
      if (message?.message === "event") {
        for (const reporter of reporters) reporter.event(message.event);
      }
      if (message?.message === "refused") expectClear(message.error, message.error.code);
    });
    expect(refutes(property)).toBeUndefined();
  });
});

describe("a configuration", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "updater-hostile-"));
    writeFileSync(join(folder, "instance_settings.py"), "");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const whole = `instance = "production"
[source]
repository = "https://forge.example.org/biomaid.git"
[local]
folder = "local_biomaid"
[site]
host_names = ["biomaid.example.org"]
[hold]
max = "30s"
[hooks.backup]
run = "backup.sh"
[[build.versions]]
from = "0.8"
python = "3.11"
`;

  test("that is damaged loads or is refused clearly", async () => {
    const file = join(folder, "updater.toml");
    const checked = await fc.check(
      fc.asyncProperty(fc.oneof(fc.string(), damaged(whole)), async (text) => {
        writeFileSync(file, text);
        try {
          await loadConfiguration(file);
        } catch (thrown) {
          expectClear(
            thrown,
            "configurationSyntax",
            "configurationInvalid",
            "configurationUnreadable",
          );
        }
      }),
      runs,
    );
    expect(await fc.asyncDefaultReportMessage(checked)).toBeUndefined();
  });
});

describe("what a repository holds", () => {
  test("no name that git would take for something else counts as a tag or a ref", () => {
    const names = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.stringMatching(/^[-~.^:@{}/0-9a-zA-Z]*$/),
      damaged("0.14.10"),
    );
    expect(
      refutes(
        fc.property(names, (name) => {
          const accepted = isPlainRef(name) || isPlainTag(name) || versionTag.test(name);
          return !accepted || !/^-|\.\.|[\s~^:?*[\\\0]|@\{|^\/|\/$|\.lock$/.test(name);
        }),
      ),
    ).toBeUndefined();
  });

  test("versions have one order, whatever they are", () => {
    const version = fc
      .array(fc.nat(20), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join("."));
    expect(
      refutes(
        fc.property(version, version, version, (one, two, three) => {
          const [a, b, c] = [one, two, three].sort(compareVersions) as [string, string, string];
          expect(compareVersions(a, b)).toBeLessThanOrEqual(0);
          expect(compareVersions(b, c)).toBeLessThanOrEqual(0);
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
          expect(Math.sign(compareVersions(a, c))).toBe(-Math.sign(compareVersions(c, a)) + 0);
        }),
      ),
    ).toBeUndefined();
  });

  test("any NEWS.md is read without complaint", () => {
    const line = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "# Version 0.8.1 (",
        "## Version 0.9 (12 mai)",
        "- [x] fait",
        "  * ",
        "###### ",
      ),
    );
    expect(
      refutes(
        fc.property(fc.array(line), (lines) => {
          for (const { version } of parseReleaseNotes(lines.join("\n"))) {
            expect(version).toMatch(/^\d+(\.\d+)*$/);
          }
        }),
      ),
    ).toBeUndefined();
  });

  test("nothing a NEWS.md says becomes markup but what it may", () => {
    const bits = ["**", "`", "[a](https://example.org/", ")", "<b>", '"', "'", "&lt;", "[", "]("];
    const text = fc
      .array(fc.oneof(fc.constantFrom(...bits), fc.string()))
      .map((all) => all.join(""));
    const ours = /<\/?(article|h2|small|section|h3|ul|li|strong|code|a)( [a-z-]+="[^"<>]*")*>/g;
    expect(
      refutes(
        fc.property(text, text, (title, item) => {
          const sections = [{ title, items: [{ text: item, items: [] }] }];
          const releases = [{ version: "0.9", date: item, sections }];
          const { text: markup } = notesMarkup(releases, { [title]: [item] });
          expect(markup.replace(ours, "")).not.toMatch(/[<>"]/);
        }),
      ),
    ).toBeUndefined();
  });

  test("any migration is read, or said to be unreadable", () => {
    const migration = `from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [("dem", "0001_initial")]
    operations = [migrations.AddField("demande", "echeance", models.DateField(null=True))]
`;
    expect(
      refutes(
        fc.property(fc.oneof(fc.string({ unit: "binary" }), damaged(migration)), (text) => {
          readMigration(text, "dem");
        }),
      ),
    ).toBeUndefined();
  });
});
