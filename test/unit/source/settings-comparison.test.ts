import { describe, expect, test } from "vitest";
import { changedNames, compareSettings } from "../../../src/source/settings-comparison.ts";

describe("example settings", () => {
  const compare = (before: string | undefined, after: string | undefined, site = "") =>
    compareSettings([{ file: "settings.py", before, after }], site);

  test("what is new, gone and changed is told, with whether the site sets it", () => {
    const { changes } = compare("A = 1\nB = 1\nC = 1", "A = 2\nB = 1\nD = 1", "A = 5\nB = 6");
    expect(changes).toEqual([
      { file: "settings.py", name: "A", kind: "changed", before: "1", after: "2", inSite: true },
      { file: "settings.py", name: "C", kind: "removed", before: "1", after: null, inSite: false },
      { file: "settings.py", name: "D", kind: "added", before: null, after: "1", inSite: false },
    ]);
  });

  test("a file that one release has not is not compared", () => {
    expect(compare(undefined, "A = 1")).toEqual({ files: [], changes: [] });
    expect(compare("A = 1", undefined)).toEqual({ files: [], changes: [] });
  });

  test("names that Django does not take for settings are passed over", () => {
    expect(compare("a = 1\nfrom x import B", "_C = 2\nimport D").changes).toEqual([]);
  });

  test("adding to a list is not setting it", () => {
    expect(compare("A = [1]", "A += [1]").changes).toMatchObject([
      { before: "[1]", after: "+= [1]" },
    ]);
  });

  test("of a long list, what differs is shown", () => {
    const same = Array.from({ length: 30 }, (_, index) => `"application${index}"`);
    const list = (...items: string[]) => `A = [${items.join(", ")}]`;
    expect(compare(list(...same, '"old"'), list('"new"', ...same)).changes).toMatchObject([
      { before: "…, 'old'", after: "…, 'new'" },
    ]);
  });

  test("long values are shortened around their difference", () => {
    const long = (end: string) => `A = {"x": "${"y".repeat(500)}", "${end}": 1}`;
    const [change] = compare(long("one"), long("other")).changes;
    expect(change?.before).toContain("one");
    expect(change?.after).toContain("other");
    expect(change?.before?.length).toBeLessThanOrEqual(202);
  });
});

test("settings are told apart by name; laying them out anew is no change", () => {
  const before = 'A = 1\nB = [1, 2]\nC = "x"\n_private = 1\n';
  const after = "A = 2\nB = [\n    1,\n    2,\n]\nD = 'y'\n_private = 2\n";
  expect(changedNames(before, after)).toEqual({ added: ["D"], removed: ["C"], changed: ["A"] });
});
