import { describe, expect, test } from "vitest";
import { buildSettingsOf } from "../../../src/config/build-settings.ts";
import { least, useConfigurationFolder } from "../../support/configuration.ts";

const { load } = useConfigurationFolder();

describe("build settings", () => {
  test.each([
    ["0.12", "3.10", ["dev"]],
    ["0.12.2", "3.10", ["dev"]],
    ["0.13", "3.10", ["tests"]],
    ["0.14.9", "3.11", ["tests"]],
    ["0.14.10", "3.11", []],
    ["0.15", "3.11", []],
    ["1.2.3", "3.11", []],
  ])("of %s are Python %s with the groups %j", async (version, python, groups) => {
    expect(buildSettingsOf(await load(least), version)).toMatchObject({ python, groups });
  });

  test("of the site replace the built-in ones of the same version and join the others", async () => {
    const own =
      '[[build.versions]]\nfrom = "0.14.0"\npython = "3.10"\n[[build.versions]]\nfrom = "0.16"\npython = "3.12"\n';
    const configuration = await load(least + own);
    const python = (version: string) => buildSettingsOf(configuration, version).python;
    expect(["0.13", "0.14.3", "0.14.10", "0.16.1"].map(python)).toEqual([
      "3.10",
      "3.10",
      "3.11",
      "3.12",
    ]);
    expect(configuration.build.versions).toHaveLength(5);
  });

  test("of a version older than any are an error that says what to add", async () => {
    const configuration = await load(least);
    expect(() => buildSettingsOf(configuration, "0.8.1")).toThrow("buildSettingsMissing");
  });
});
