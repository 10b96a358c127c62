import { describe, expect, test } from "vitest";
import { askedOf } from "../../../src/commands/announce.options.ts";

describe("updater announce", () => {
  test("says something, nothing any more, or what is said", () => {
    expect(askedOf("Bientôt", { from: "22:30", until: "22:40" })).toEqual({
      text: "Bientôt",
      from: "22:30",
      until: "22:40",
    });
    expect(askedOf(undefined, { remove: true })).toBe("remove");
    expect(askedOf(undefined, {})).toBe("show");
    expect(askedOf(undefined, { whatsNew: true })).toBe("bring-news");
    expect(askedOf(undefined, { whatsNew: true, remove: true })).toBe("remove-news");
  });

  test.each([
    ["Bientôt", { remove: true } as const, { kind: "excessArguments", given: "Bientôt" }],
    [
      undefined,
      { remove: true, until: "22:40" } as const,
      { kind: "excessArguments", given: "--until" },
    ],
    ["Bientôt", { whatsNew: true } as const, { kind: "excessArguments", given: "Bientôt" }],
    [undefined, { from: "22:30" }, { kind: "missingArgument", given: "TEXT" }],
  ])("%j with %j is a usage error", (text, options, parameters) => {
    expect(() => askedOf(text, options)).toThrow(
      expect.objectContaining({ parameters: expect.objectContaining(parameters) }),
    );
  });
});
