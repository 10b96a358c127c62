import { describe, expect, test } from "vitest";
import { compareDependencies } from "../../../src/source/dependencies.ts";

const lock = (packages: Record<string, string>) =>
  Object.entries(packages)
    .map(([name, version]) => `[[package]]\nname = "${name}"\nversion = "${version}"\n`)
    .join("\n");
const project = (dependencies: string) => `[tool.poetry.dependencies]\n${dependencies}\n`;

describe("dependencies", () => {
  test("Python comes first, then what the release asks for, then the rest", () => {
    const changes = compareDependencies(
      {
        lock: lock({ asgiref: "3.6", Django: "4.0", gone: "1", same: "1" }),
        project: project('python = "^3.10"\nDjango = "*"'),
      },
      {
        lock: lock({ asgiref: "3.7", django: "4.2", fresh_one: "2", same: "1" }),
        project: project('python = "^3.11"\ndjango = "*"\n"Fresh.One" = "*"'),
      },
    );
    expect(changes).toEqual([
      { name: "Python", before: "^3.10", after: "^3.11" },
      { name: "django", before: "4.0", after: "4.2" },
      { name: "fresh-one", before: null, after: "2" },
      { name: "asgiref", before: "3.6", after: "3.7" },
      { name: "gone", before: "1", after: null },
    ]);
  });

  test.each([
    ["there is none", undefined],
    ["it cannot be read", "[[package"],
  ])("nothing is said of a lock file when %s", (_, before) => {
    const files = { lock: lock({ django: "4" }), project: undefined };
    expect(compareDependencies({ ...files, lock: before }, files)).toEqual([]);
  });

  test("a package locked in two versions has both, one from a repository its commit", () => {
    const twice = `${lock({ a: "1" })}\n${lock({ a: "2" })}`;
    const commit = `[package.source]\ntype = "git"\nresolved_reference = "0123456789abcdef"\n`;
    const changes = compareDependencies(
      { lock: twice, project: undefined },
      { lock: lock({ a: "2" }) + commit, project: undefined },
    );
    expect(changes).toEqual([{ name: "a", before: "1, 2", after: "2@0123456789" }]);
  });
});
