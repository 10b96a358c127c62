import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isPlainFolder, isPlainRef, isPlainTag, versionTag } from "../../../src/source/names.ts";
import { damaged, refutes } from "../../support/hostile-input.ts";

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
