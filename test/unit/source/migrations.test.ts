import { describe, expect, test } from "vitest";
import { migrationsToCome } from "../../../src/source/migrations.ts";
import { migration, operations } from "../../support/migration-sample.ts";

describe("migrations to come", () => {
  const come = async (
    target: Record<string, string>,
    applied: readonly string[],
    serving: readonly string[] = [],
  ) => {
    const files = new Map(Object.keys(target).map((path) => [path, path]));
    const read = (path: string) => Promise.resolve(target[path] ?? "");
    const there = new Map(serving.map((path) => [path, path]));
    return await migrationsToCome({ files, read }, there, new Set(applied));
  };
  const names = async (...given: Parameters<typeof come>) =>
    (await come(...given)).map(({ name }) => name);
  const after = (...needed: readonly string[]) =>
    migration(
      `    dependencies = [${needed.map((name) => `("${name.replace(".", '", "')}")`).join(", ")}]\n`,
    );
  const file = (name: string) => `${name.replace(".", "/migrations/")}.py`;

  test("each comes after those it needs", async () => {
    const target = {
      [file("a.0002")]: after("a.0001", "b.0003"),
      [file("a.0003")]: after("a.0002"),
      [file("b.0002")]: after("b.0001"),
      [file("b.0003")]: after("b.0002"),
      [file("a.0001")]: after(),
      [file("b.0001")]: after(),
      "a/migrations/__init__.py": "",
    };
    expect(await names(target, ["a.0001", "b.0001"])).toEqual([
      "b.0002",
      "b.0003",
      "a.0002",
      "a.0003",
    ]);
  });

  test("one that wants to run before another does", async () => {
    const target = {
      [file("a.0001")]: after(),
      [file("a.0002")]: after("a.0001"),
      [file("b.0002")]: migration(`    run_before = [("a", "0002")]\n`),
    };
    expect(await names(target, ["a.0001", "b.0001"])).toEqual(["b.0002", "a.0002"]);
  });

  test("an application none of whose migrations is applied is not installed, unless it is new", async () => {
    const target = { [file("old.0001")]: after(), [file("fresh.0001")]: after() };
    expect(await come(target, ["other.0001"], [file("old.0001")])).toMatchObject([
      { name: "fresh.0001", newApplication: true },
    ]);
  });

  test.each([
    ["models.F(null=True)", "models.F()", "F", "required"],
    ["models.F()", "models.F()", "F", null],
    ["models.F()", "models.F(null=True)", "F", null],
    ["models.F()", "models.G()", "F → G", "converts"],
  ])(
    "a column that was %s and becomes %s is %s, to be watched: %s",
    async (was, is, field, risk) => {
      const target = {
        [file("a.0001")]: operations(`migrations.CreateModel("Demande", [("devise", ${was})])`),
        [file("a.0002")]: operations(`migrations.AlterField("demande", "devise", ${is})`),
      };
      const [altered] = await come(target, ["a.0001"]);
      expect(altered?.operations).toEqual([
        { kind: "AlterField", target: "demande.devise", field, risk, reversible: true },
      ]);
    },
  );

  test("what a pending migration has changed counts for the next one", async () => {
    const alter = (field: string) =>
      operations(`migrations.AlterField("demande", "devise", ${field})`);
    const target = {
      [file("a.0001")]: operations(`migrations.AddField("demande", "devise", models.F())`),
      [file("a.0002")]: alter("models.G()"),
      [file("a.0003")]: alter("models.G()"),
    };
    const found = await come(target, ["a.0001"]);
    expect(found.map((one) => one.operations[0]?.risk)).toEqual(["converts", null]);
  });

  describe("a squashed migration", () => {
    const target = {
      [file("a.0001")]: after(),
      [file("a.0002")]: after("a.0001"),
      [file("a.0001_squashed")]: migration(`    replaces = [("a", "0001"), ("a", "0002")]\n`),
      [file("a.0003")]: after("a.0002"),
    };
    test.each<[string, string[], string[]]>([
      ["stands for those it replaces", ["a.0000"], ["a.0001_squashed", "a.0003"]],
      ["is passed over when one of them is applied", ["a.0001"], ["a.0002", "a.0003"]],
      ["counts as applied when all of them are", ["a.0001", "a.0002"], ["a.0003"]],
    ])("%s", async (_, applied, expected) => {
      expect(await names(target, applied)).toEqual(expected);
    });
  });

  test("one whose data operation has no way back is not reversible, and says so", async () => {
    const target = { [file("a.0002")]: operations("migrations.RunPython(f)") };
    expect(await come(target, ["a.0001"])).toMatchObject([{ name: "a.0002", reversible: false }]);
  });
});
