import { expect, test } from "vitest";
import { emptyState, parseState } from "../../../src/instance/state.ts";
import { misread } from "../../support/hostile-input.ts";

test("a damaged state is read as it was or refused clearly", () => {
  const read = (text: string) => parseState(text, "production");
  expect(misread(emptyState("production", "image"), read, "stateDamaged")).toBeUndefined();
});
