import { describe, expect, test } from "vitest";
import { consentOf, parseOptions } from "../../../../scripts/setup/options.mjs";

describe("command line", () => {
  test("parts keep their order whatever order they are asked in", () => {
    expect(parseOptions(["--only=images,deps", "--offline"])).toEqual({
      yes: false,
      offline: true,
      quiet: false,
      browser: false,
      only: ["deps", "images"],
    });
  });

  test.each(["--onyl=deps", "--only=", "--only=deps,kernel", "deps"])("refuses %s", (option) => {
    expect(() => parseOptions([option])).toThrow(
      expect.objectContaining({ key: "unknownOption", facts: { option } }),
    );
  });

  test.each([
    [{ yes: true }, {}, false, "granted"],
    [{ yes: false }, { CI: "true" }, false, "granted"],
    [{ yes: false }, { CI: "false" }, true, "ask"],
    [{ yes: false }, {}, true, "ask"],
    [{ yes: false }, {}, undefined, "refused"],
  ])("consent: %j, environment %j, terminal %s: %s", (options, env, terminal, consent) => {
    expect(consentOf(options, env, terminal)).toBe(consent);
  });
});
