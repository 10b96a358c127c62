import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  headline,
  latestNotes,
  notesBetween,
  parseReleaseNotes,
} from "../../../src/source/release-notes.ts";
import { refutes } from "../../support/hostile-input.ts";

const news = `# Nouveautés

Un mot d'introduction.
- [X] avant toute version

## Version 0.9.10 (3 mars 2025) :

- [X] Sans rubrique
  sur deux lignes

### Corrections bugs :
- [x] Une liste:
   - premier point
   - [ ] pas encore fait
   - deuxième point
* Une puce sans case
- [ ] Pas encore
  - [X] ni ceci
-
### Documentation

## version v0.9.9
### Nouveautés
- [X] Autre

## Divers
- [X] Hors de toute règle
`;

describe("release notes", () => {
  test("are read with their sections and nested items", () => {
    expect(parseReleaseNotes(news)).toEqual([
      {
        version: "0.9.10",
        date: "3 mars 2025",
        sections: [
          { title: "", items: [{ text: "Sans rubrique sur deux lignes", items: [] }] },
          {
            title: "Corrections bugs",
            items: [
              {
                text: "Une liste:",
                items: [
                  { text: "premier point", items: [] },
                  { text: "deuxième point", items: [] },
                ],
              },
              { text: "Une puce sans case", items: [] },
            ],
          },
        ],
      },
      {
        version: "0.9.9",
        date: undefined,
        sections: [
          { title: "Nouveautés", items: [{ text: "Autre", items: [] }] },
          { title: "Divers", items: [{ text: "Hors de toute règle", items: [] }] },
        ],
      },
    ]);
  });

  test("with Windows line ends are the same", () => {
    expect(parseReleaseNotes(news.replaceAll("\n", "\r\n"))).toEqual(parseReleaseNotes(news));
  });

  test("of anything else are none", () => {
    for (const text of [
      "",
      "\0\u0001",
      "## Version\n- x",
      "- [X]",
      "#".repeat(5000),
      " ".repeat(50_000),
    ]) {
      expect(parseReleaseNotes(text)).toEqual([]);
    }
  });

  test("between two versions leave out the first, take in the last, newest first", () => {
    const notes = ["0.9.9", "0.9.10", "0.9.8", "0.10"].map((version) => ({
      version,
      date: undefined,
      sections: [],
    }));
    const versions = (from: string, to: string) =>
      notesBetween(notes, from, to).map(({ version }) => version);
    expect(versions("0.9.8", "0.9.10")).toEqual(["0.9.10", "0.9.9"]);
    expect(versions("0.9.10", "0.9.8")).toEqual([]);
    expect(versions("0.9.10", "0.10.0")).toEqual(["0.10"]);
  });

  test("of several files are those of the last one that has any", () => {
    const later = "## Version 0.9.10\n- [X] Enfin\n## Version 0.9.9\n- [ ] À venir\n";
    expect(
      latestNotes([news, later]).map(({ version, sections }) => [version, sections[0]!.items[0]]),
    ).toEqual([
      ["0.9.10", { text: "Enfin", items: [] }],
      ["0.9.9", { text: "Autre", items: [] }],
    ]);
  });

  test("fit in a line", () => {
    const [notes] = parseReleaseNotes(news);
    expect(headline(notes!, 200)).toBe(
      "Sans rubrique sur deux lignes · Une liste: · Une puce sans case",
    );
    expect(headline(notes!, 15)).toBe("Sans rubrique…");
  });
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
