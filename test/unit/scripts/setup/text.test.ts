import { describe, expect, test } from "vitest";
import { describe as describeFailure, languageOf, texts } from "../../../../scripts/setup/text.mjs";

describe("languages", () => {
  test.each([
    [{ LANG: "fr_FR.UTF-8" }, "fr"],
    [{ LANG: "fr_FR.UTF-8", LC_ALL: "C.UTF-8" }, "en"],
    [{ LANG: "en_GB.UTF-8", LC_MESSAGES: "fr_CH.UTF-8" }, "fr"],
    [{}, "en"],
  ])("%j: %s", (env, language) => {
    expect(languageOf(env)).toBe(language);
  });

  test("both tables have the same keys", () => {
    const keys = (table: object): unknown[] =>
      Object.entries(table).map(([key, value]) => [
        key,
        typeof value === "object" ? keys(value as object) : typeof value,
      ]);
    expect(keys(texts.fr)).toEqual(keys(texts.en));
  });

  test("something unforeseen still says what to type", () => {
    const told = describeFailure(texts.en, new TypeError("no such thing"));
    expect(told).toMatchObject({ reason: "no such thing", type: "Try again: npm run setup" });
  });
});
