import { describe, expect, test } from "vitest";
import { plannedSteps } from "../../../src/operations/plan.ts";
import { hookPoints } from "../../../src/config/schema.ts";
import type { Instance } from "../../../src/instance/instance.ts";
import { changedFiles } from "../../../src/source/changed-files.ts";
import { compareDependencies } from "../../../src/source/dependencies.ts";
import { appLabel, readMigration } from "../../../src/source/migration-file.ts";
import { migrationsToCome } from "../../../src/source/migrations.ts";
import { readPython } from "../../../src/source/python.ts";
import { compareSettings } from "../../../src/source/settings-comparison.ts";
import { catalogueOf, languages } from "../../../src/text/catalogue.ts";

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

test("files of two trees are told apart by their content", () => {
  const before = new Map([
    ["a", "1"],
    ["b", "1"],
    ["c", "1"],
  ]);
  const after = new Map([
    ["b", "1"],
    ["c", "2"],
    ["d", "1"],
  ]);
  expect(changedFiles(before, after)).toEqual([
    { file: "a", change: "removed" },
    { file: "c", change: "modified" },
    { file: "d", change: "added" },
  ]);
});

const migration = (attributes: string) =>
  `from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n${attributes}`;
const operations = (...lines: string[]) => migration(`    operations = [${lines.join(", ")}]\n`);

describe("a migration's operations", () => {
  test.each([
    [`migrations.AddField("a", "b", models.CharField(null=True))`, "AddField", "a.b", null],
    [
      `migrations.AddField(model_name="a", name="b", field=models.IntegerField())`,
      "AddField",
      "a.b",
      "required",
    ],
    [`migrations.AddField("a", "b", models.ManyToManyField("c"))`, "AddField", "a.b", null],
    [`migrations.RemoveField("a", "b")`, "RemoveField", "a.b", "removes"],
    [`migrations.DeleteModel(name="A")`, "DeleteModel", "A", "removes"],
    [`migrations.RenameField("a", "b", "c")`, "RenameField", "a.b → c", null],
    [
      `migrations.RenameField(model_name="a", old_name="b", new_name="c")`,
      "RenameField",
      "a.b → c",
      null,
    ],
    [`migrations.RenameModel("A", "B")`, "RenameModel", "A → B", null],
    [`migrations.CreateModel(name="A", fields=[("x", models.F())])`, "CreateModel", "A", null],
    [`migrations.AddIndex(model_name="a", index=models.Index(name="i"))`, "AddIndex", "a", "locks"],
    [`migrations.RunPython(forwards)`, "RunPython", "forwards", "unknown"],
    [`migrations.RunSQL("SELECT 1")`, "RunSQL", null, "unknown"],
    [`something_else`, "something_else", null, "unknown"],
  ])("%s", (source, kind, target, risk) => {
    expect(readMigration(operations(source), "app")?.operations).toMatchObject([
      { kind, target, risk },
    ]);
  });

  test.each([
    [`migrations.RunPython(f)`, false],
    [`migrations.RunPython(f, g)`, true],
    [`migrations.RunPython(code=f, reverse_code=migrations.RunPython.noop)`, true],
    [`migrations.RunSQL("a")`, false],
    [`migrations.RunSQL("a", reverse_sql="b")`, true],
    [`migrations.DeleteModel("A")`, true],
  ])("%s can be reversed: %s", (source, reversible) => {
    expect(readMigration(operations(source), "app")?.operations).toMatchObject([{ reversible }]);
  });

  test("those done to the database only count, those done to the state only do not", () => {
    const source = `migrations.SeparateDatabaseAndState(
        database_operations=[migrations.RunSQL("a")],
        state_operations=[migrations.DeleteModel("B")],
    )`;
    expect(readMigration(operations(source), "app")?.operations).toMatchObject([
      { kind: "RunSQL", reversible: false },
    ]);
  });

  test("a module without a migration is none", () => {
    expect(readMigration("def helper(): pass", "app")).toBeUndefined();
  });
});

test.each([
  ["", "apps/things", "things"],
  ["class C(AppConfig):\n    name = 'apps.things'", "apps/things", "things"],
  ["class C(AppConfig):\n    name = 'things'\n    label = 'stuff'", "things", "stuff"],
  [
    "class B:\n    x = 1\nclass C(A):\n    name = 'a'\nclass D(A):\n    name = 'b'\n    default = True",
    "x",
    "b",
  ],
])("the label of an application with %j in %s is %s", (configuration, folder, label) => {
  expect(appLabel(folder, configuration)).toBe(label);
});

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

describe.each(languages)("the steps of a plan in %s", (language) => {
  const texts = catalogueOf(language);
  const hooks = Object.fromEntries(hookPoints.map((point) => [point, { run: "/bin/true" }]));
  const configuration = {
    hooks,
    rollback: { snapshotMedia: true },
    backup: { beforeSwap: true },
    jobs: { enabled: true },
    messages: {
      swapBanner: "Back soon",
      mail: { groups: ["Experts"], send: ["before", "after"] },
      whatsNew: { enabled: true },
    },
  };
  const steps = plannedSteps({
    instance: { configuration } as unknown as Instance,
    release: { tag: "0.8.1" },
    serving: { tag: "0.8.0" },
  });

  test("have a text for every undo, which fits beside the step", () => {
    const width = Math.max(...steps.map(({ name }) => texts.steps[name].length));
    const undo = (name: (typeof steps)[number]["name"]) => texts.plan.undo[name];
    expect(steps.filter((step) => step.undo && undo(step.name) === undefined)).toEqual([]);
    for (const { name } of steps) {
      expect(9 + width + (undo(name) ?? texts.plan.noUndo).length).toBeLessThanOrEqual(80);
    }
  });

  test("have one commit, after everything users wait for", () => {
    const commit = steps.findIndex((step) => step.commit);
    expect(steps.filter((step) => step.commit)).toHaveLength(1);
    expect(steps.findLastIndex(({ held }) => held)).toBe(commit);
  });
});
