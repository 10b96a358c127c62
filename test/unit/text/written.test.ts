import { describe, expect, test } from "vitest";
import { catalogueOf, languages } from "../../../src/text/catalogue.ts";
import { elided, found, heldTogether } from "../../support/french.ts";
import { writtenAt, writtenIn } from "../../support/text-sources.ts";

const fr = writtenIn("fr");

/** What is said before there is a program, and around it. */
const around = [
  ...writtenAt("scripts/setup/text.mjs", /^const fr = /m),
  ...writtenAt("scripts/demo.mjs", /^ {2}fr: /m),
  ...writtenAt("test/demo/text.ts", /^const fr: /m),
];

/** Without the names of what is put in. */
const bare = [...fr, ...around].map((written) => ({
  ...written,
  text: written.text.replaceAll(/\$\{[^}]*\}/g, "${}"),
}));

test("French puts no word that is elided before what may begin with a vowel", () => {
  // These begin with a consonant, a figure or a slash.
  const never =
    /^(count|day|duration|megabytes|moment|momentIn|plural|rows|seconds|size|times)\(|^(found\.)?(at|container|end|folder|from|hours|kind|least|major|max|path|previous|seconds|serving|since|start|tags?|to|until|version)$|^…$/;
  const before =
    /(?<!\p{L})(?:d[eu]|l[ea]|ne|ce|se|(?:jus|lors|puis)?que)\s(?:«\s*)?\$\{([^}]*)\}/gu;
  const wrong = fr.flatMap(({ place, text }) =>
    [...text.matchAll(before)]
      .filter(([, expression = ""]) => !never.test(expression))
      .map(([words]) => `${place}: ${words}`),
  );
  expect(wrong).toEqual([]);
  expect(elided([...fr, ...around])).toEqual([]);
});

test.each(languages)("no number in %s stands before a plural it may not be", (language) => {
  // Of these there are thousands, or at least two.
  const many = /^(files|inodes|premières|statements)$/;
  const plural =
    /\$\{(?:count\([^)]*\)|number|minutes|hours|days|links|failures)\}\s(\p{L}+[sx])\b/gu;
  const same = /^(des|fois|ms|sans)$/;
  const wrong = writtenIn(language)
    .filter(({ chosen }) => !chosen)
    .flatMap(({ place, text }) =>
      [...text.matchAll(plural)]
        .filter(([, word = ""]) => !many.test(word) && !same.test(word))
        .map(([words]) => `${place}: ${words}`),
    );
  expect(wrong).toEqual([]);
});

test("French keeps a sign, and a unit, with the word before it", () => {
  expect(heldTogether(bare)).toEqual([]);
});

test("French has typographic apostrophes", () => {
  expect(found(bare, /\p{L}'[\p{L}\d]+/gu)).toEqual([]);
});

test("French does not say that nothing is kept where a part is not", () => {
  expect(found(bare, /\b[Tt]out(e|s|es)?\b[^.:;,]*\s(n’|ne )[^.:;]*\bpas\b/g)).toEqual([]);
});

describe.each([
  [
    "en",
    /^(also )?(?!a |an |and |the |this |these |what |when |how |swaps )[a-z]+[ ,]/,
    /^\S+[^s]s /,
  ],
  ["fr", /^(ne (rien|pas|plus) |la |le |l’|se )?\p{L}+(er|ir|re)[\s,]/u, /^Ne /],
] as const)("help in %s", (language, infinitive, third) => {
  const { details, values: _, exitCodes: __, program, ...help } = catalogueOf(language).cli.help;
  const headings = /^(usage|programUsage|arguments|options|globalOptions|commands)$/;

  test("says of each command and option what it is there to do, in one form of the verb", () => {
    const told = Object.entries(help).filter(([key]) => !headings.test(key));
    const wrong = told.filter(([, text]) => !infinitive.test(`${text} `) || third.test(text));
    expect(wrong).toEqual([]);
    expect(program.charAt(0).toLowerCase() + program.slice(1)).toMatch(infinitive);
  });

  test("has the same form in steps that are counted", () => {
    const steps = Object.values(details).flatMap((text) =>
      [...text.matchAll(/^ {2}\d\. (.+)/gm)].map(([, step = ""]) => step),
    );
    expect(steps).not.toEqual([]);
    const lower = steps.map((step) => step.charAt(0).toLowerCase() + step.slice(1));
    expect(lower.filter((step) => !infinitive.test(step) || third.test(step))).toEqual([]);
  });

  test("has no sentence without a subject", () => {
    const begins = Object.values(details).flatMap((text) => text.split(/\n\n/));
    const bareVerb =
      language === "en"
        ? /^(Looks|Reads|Does|Counts|Takes|Checks|Makes|Shows|Deletes) /
        : /^(Ne|Examine|Lit|Fait|Compte|Prend|Vérifie|Montre|Supprime) /;
    expect(begins.filter((paragraph) => bareVerb.test(paragraph))).toEqual([]);
  });
});

test("French steps are named by nouns", () => {
  const steps = Object.values(catalogueOf("fr").steps);
  expect(steps.filter((step) => /^\p{L}+(er|ir|oir|[dt]re) /u.test(step))).toEqual([]);
});
