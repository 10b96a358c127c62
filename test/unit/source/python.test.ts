import { describe, expect, test } from "vitest";
import { readPython } from "../../../src/source/python.ts";

function valuesIn(text: string): [name: string, value: string][] {
  return readPython(text).assignments.map(({ name, value }) => [name, value.source]);
}

describe("assignments of a Python module", () => {
  test.each<[string, string, [string, string][]]>([
    ["plain", "A = 1", [["A", "1"]]],
    ["with a type", "A: int = 1", [["A", "1"]]],
    ["of a type only", "A: int", []],
    [
      "several at once",
      "A = B = 1",
      [
        ["A", "1"],
        ["B", "1"],
      ],
    ],
    [
      "to a tuple",
      "A, B = 1, 2",
      [
        ["A", "1, 2"],
        ["B", "1, 2"],
      ],
    ],
    [
      "to a tuple in brackets",
      "(A, B) = pair",
      [
        ["A", "pair"],
        ["B", "pair"],
      ],
    ],
    ["added to", "A += [1]", [["A", "[1]"]]],
    [
      "in if and else",
      "if X:\n    A = 1\nelse:\n    A = 2",
      [
        ["A", "1"],
        ["A", "2"],
      ],
    ],
    [
      "in try",
      "try:\n    import x\n    A = 1\nexcept ImportError:\n    B = 2",
      [
        ["A", "1"],
        ["B", "2"],
      ],
    ],
    ["in functions, which are none", "def f():\n    A = 1", []],
    ["in texts, which are none", 'X = """\nA = 1\n"""', [["X", String.raw`"""\nA = 1\n"""`]]],
    ["after a mistake", "print(]\nB = 2", [["B", "2"]]],
  ])("%s", (_, text, expected) => {
    expect(valuesIn(text)).toEqual(expected);
  });

  test("do not depend on layout, comments and quotes", () => {
    const [one, other] = [
      'A = ["x", "y", (1,)]  # first',
      "A = [\n    # what\n    'x',\n    'y',  # that\n    (1,),\n]",
    ].map(valuesIn);
    expect(one).toEqual([["A", "['x', 'y', (1,)]"]]);
    expect(other).toEqual(one);
  });

  test("keep what is inside a text as it is", () => {
    expect(valuesIn(`A = "it's  # no comment"`)).toEqual([["A", `"it's  # no comment"`]]);
  });

  test("names that are altered in place are told", () => {
    const { altered } = readPython('A["x"]["y"] = 1\nB.append(2)\nB.c.d = 3');
    expect(altered).toEqual(["A", "B", "B"]);
  });
});
