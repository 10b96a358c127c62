import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { proxiesOf, recipeOf } from "../../../../scripts/setup/images.mjs";

test("a recipe changes with its files and with what it stands on", () => {
  const folder = mkdtempSync(join(tmpdir(), "setup-"));
  const file = join(folder, "Dockerfile");
  writeFileSync(file, "FROM a\n");
  const first = recipeOf([file], "below");
  expect(recipeOf([file], "below")).toBe(first);
  expect(recipeOf([file], "other")).not.toBe(first);
  writeFileSync(file, "FROM b\n");
  expect(recipeOf([file], "below")).not.toBe(first);
  rmSync(folder, { recursive: true });
});

test("only proxies that are set are passed on, in either case", () => {
  const env = { HTTP_PROXY: "http://a", https_proxy: "http://b", NO_PROXY: "", OTHER: "x" };
  expect(proxiesOf(env)).toEqual({ HTTP_PROXY: "http://a", https_proxy: "http://b" });
});
