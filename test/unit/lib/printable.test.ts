import { expect, test } from "vitest";
import { printable } from "../../../src/lib/printable.ts";

test("what others wrote cannot command a terminal, and reads as it was", () => {
  expect(printable("Évolutions\t0.8.1\r\n- \u001B[2Jcleared\u009B31m\u0007\n")).toBe(
    "Évolutions\t0.8.1\n- �[2Jcleared�31m�\n",
  );
});
