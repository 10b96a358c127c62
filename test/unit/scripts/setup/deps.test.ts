import { describe, expect, test } from "vitest";
import { outsideProject, satisfies } from "../../../../scripts/setup/deps.mjs";

describe("Node packages", () => {
  const lock = {
    packages: {
      "": {},
      "node_modules/a": { version: "1.0.0" },
      "node_modules/b-darwin": { version: "2.0.0", optional: true },
    },
  };

  test("those of other platforms may be absent, nothing else may differ", () => {
    const a = { version: "1.0.0" };
    expect(satisfies({ packages: { "node_modules/a": a } }, lock)).toBe(true);
    expect(satisfies({ packages: {} }, lock)).toBe(false);
    expect(satisfies({ packages: { "node_modules/a": { version: "1.0.1" } } }, lock)).toBe(false);
    expect(satisfies({ packages: { "node_modules/a": a, "node_modules/c": a } }, lock)).toBe(false);
  });

  test("npm runs without this project's own commands on its path", () => {
    const env = { PATH: "/srv/x/node_modules/.bin:/usr/bin" };
    expect(outsideProject(env, "/srv/x").PATH).toBe("/usr/bin");
  });
});
