import { expect, test } from "vitest";
import { isPlainFolder, isPlainRef } from "../../../src/source/names.ts";

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
