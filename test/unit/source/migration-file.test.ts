import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { appLabel, readMigration } from "../../../src/source/migration-file.ts";
import { damaged, refutes } from "../../support/hostile-input.ts";
import { operations } from "../../support/migration-sample.ts";

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

test("any migration is read, or said to be unreadable", () => {
  const migration = `from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [("dem", "0001_initial")]
    operations = [migrations.AddField("demande", "echeance", models.DateField(null=True))]
`;
  expect(
    refutes(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), damaged(migration)), (text) => {
        readMigration(text, "dem");
      }),
    ),
  ).toBeUndefined();
});
