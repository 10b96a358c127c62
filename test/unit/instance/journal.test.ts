import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseJournal } from "../../../src/instance/journal.ts";
import { misread, refutes } from "../../support/hostile-input.ts";
import { journal } from "../../support/journal-sample.ts";

test("a damaged journal is read as it was or refused clearly", () => {
  const read = (text: string) => parseJournal(text, "production");
  expect(misread(journal, read, "journalDamaged")).toBeUndefined();
});

test("a journal comes back as it was written", () => {
  const written = fc.record({
    ...Object.fromEntries(Object.entries(journal).map(([key, value]) => [key, fc.constant(value)])),
    to: fc.string(),
    begun: fc.array(fc.string()),
    serving: fc.option(fc.integer({ min: 1 })),
  });
  expect(
    refutes(
      fc.property(written, (value) => {
        expect(parseJournal(JSON.stringify(value), "production")).toEqual(value);
      }),
    ),
  ).toBeUndefined();
});
