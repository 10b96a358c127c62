import { expect, test } from "vitest";
import { elided, heldTogether } from "../../support/french.ts";
import { documents, readDocument } from "./documents.ts";

const french = documents.filter((path) => /^LISEZMOI|^docs\/(fr\/|depannage)/.test(path));

/** Lines as they are read: without sessions, and with code as what it begins with. */
const lines = french.flatMap((path) =>
  readDocument(path)
    .replaceAll(/^ *```[^]*?^ *```/gm, (session) => session.replaceAll(/[^\n]/g, ""))
    .split("\n")
    .map((text, index) => ({ place: `${path}:${index + 1}`, text })),
);

test("French documents keep a sign, and a unit, with the word before it", () => {
  const prose = lines.map(({ place, text }) => ({
    place,
    text: text.replaceAll(/`[^`]*`/g, "``"),
  }));
  expect(heldTogether(prose)).toEqual([]);
});

test("French documents elide before a vowel", () => {
  expect(elided(lines)).toEqual([]);
});

test("French documents call a thing by one name", () => {
  const others = /fichiers joints|serveur proxy|large objects?|sauvegardes? de la maison/giu;
  expect(lines.filter(({ text }) => text.match(others))).toEqual([]);
});
