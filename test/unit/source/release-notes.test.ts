import { describe, expect, test } from "vitest";
import { parseLocation } from "../../../src/source/location.ts";
import { isPlainFolder, isPlainRef } from "../../../src/source/names.ts";
import {
  headline,
  latestNotes,
  notesBetween,
  parseReleaseNotes,
} from "../../../src/source/release-notes.ts";
import { staysInside } from "../../../src/source/tree.ts";
import { compareVersions } from "../../../src/lib/version.ts";

test("orders versions by their numbers, however many parts they have", () => {
  const versions = ["0.14.10", "0.15", "0.14.9", "v0.14", "0.13.0.2", "1.0", "0.13"];
  expect(versions.sort(compareVersions)).toEqual([
    "0.13",
    "0.13.0.2",
    "v0.14",
    "0.14.9",
    "0.14.10",
    "0.15",
    "1.0",
  ]);
  expect(compareVersions("0.13", "0.13.0")).toBe(0);
});

describe("location of a repository", () => {
  test.each([
    "https://forge.example.org/biomaid.git",
    "https://forge.example.org:8443/group/biomaid",
    "ssh://git@forge.example.org:2222/biomaid.git",
    "git@forge.example.org:group/biomaid.git",
  ])("accepts the URL %s", (text) => {
    expect(parseLocation(text)).toEqual({ kind: "url", text, insecure: false });
  });

  test("tells http:// apart", () => {
    expect(parseLocation("http://forge/biomaid.git")).toMatchObject({ insecure: true });
  });

  test.each(["/srv/biomaid", "../biomaid", "biomaid", "/srv/odd:name", "."])(
    "accepts the path %s",
    (text) => {
      expect(parseLocation(text)).toEqual({ kind: "path", text });
    },
  );

  test.each([
    "ext::sh -c id",
    "fd::17",
    "file:///srv/biomaid",
    "git://forge/biomaid",
    "-u./x",
    "--upload-pack=id",
    "ssh://-oProxyCommand=id/x",
    "git@-oProxyCommand=id:x",
    "git@host:-x",
    "-git@host:x",
    "host:path",
    "",
    " ",
    "~/biomaid",
    "/srv/x\ny",
    "https://host/a b",
    "HTTPS://host/x",
    "ssh://host:x/y",
  ])("refuses %j", (text) => {
    expect(parseLocation(text)).toBe("repository");
  });

  test.each(["https://token@forge/x", "https://me:secret@forge/x", "ssh://me:secret@forge/x"])(
    "refuses what ps would show: %s",
    (text) => {
      expect(parseLocation(text)).toBe("repositoryPassword");
    },
  );
});

test("takes only plain names for refs", () => {
  const plain = ["main", "0.8.1", "feature/new-local", "abc1234", "v1+hospital"];
  const odd = [
    "",
    "-x",
    "a..b",
    "a b",
    "a^",
    "a~1",
    "a:b",
    "@{1}",
    "a/",
    "a//b",
    "a/.b",
    "a.lock",
    "a\n",
    "é",
  ];
  expect([...plain, ...odd].filter(isPlainRef)).toEqual(plain);
});

test("takes only plain names for folders", () => {
  const plain = ["local_biomaid", "sites/ours", "a.b"];
  const odd = ["", "/x", "../x", "a/../b", "a//b", "-x", ".git", "a/", "a b", "a\n", "."];
  expect([...plain, ...odd].filter(isPlainFolder)).toEqual(plain);
});

test.each([
  ["link", "a/b", true],
  ["link", "./a", true],
  ["a/link", "../b", true],
  ["a/b/link", "../../c/d", true],
  ["a/link", "..", true],
  ["link", "/a", false],
  ["link", "..", false],
  ["a/link", "../..", false],
  ["a/link", "b/../../..", false],
  ["a/link", "./../..", false],
  ["link", "other/..", false],
  ["link", "", false],
])("a link at %j to %j stays in the tree: %j", (path, target, inside) => {
  expect(staysInside(path, target)).toBe(inside);
});

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
