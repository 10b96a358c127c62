import { describe, expect, test } from "vitest";
import { askedOf } from "../../../src/commands/announce.options.ts";

describe("updater announce", () => {
  const said = (text: string | undefined, flags: Parameters<typeof askedOf>[1]) =>
    askedOf(text, flags, "TEXT");

  test("says something, nothing any more, or what is said", () => {
    expect(said("Bientôt", { from: "22:30", until: "22:40" })).toEqual({
      text: "Bientôt",
      from: "22:30",
      until: "22:40",
    });
    expect(said(undefined, { remove: true })).toBe("remove");
    expect(said(undefined, {})).toBe("show");
    expect(said(undefined, { whatsNew: true })).toBe("bring-news");
    expect(said(undefined, { whatsNew: true, remove: true })).toBe("remove-news");
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
    expect(() => said(text, options)).toThrow(
      expect.objectContaining({ parameters: expect.objectContaining(parameters) }),
    );
  });
});
