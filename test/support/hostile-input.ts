import * as fc from "fast-check";
import { expect } from "vitest";
import { UpdaterError } from "../../src/errors.ts";
import { catalogueOf, languages } from "../../src/text/catalogue.ts";

export const runs = { numRuns: 1000 };

/** The smallest input found for which a property does not hold, and why; undefined when it always holds. */
export const refutes = <Input>(property: fc.IProperty<Input>) =>
  fc.defaultReportMessage(fc.check(property, runs));

/** A text somebody has damaged: a piece cut out, another put in its place. */
export function damaged(text: string): fc.Arbitrary<string> {
  const piece = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom('"', "\0", "]", "[[", "="));
  return fc
    .tuple(fc.nat(text.length), fc.nat(20), piece)
    .map(([at, length, put]) => text.slice(0, at) + put + text.slice(at + length));
}

/** A JSON text with one value of it replaced by any other. */
export function altered(value: object): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...Object.keys(value)), fc.jsonValue())
    .map(([key, other]) => JSON.stringify({ ...value, [key]: other }));
}

/** What was thrown is an error of ours that says something in each language. */
export function expectClear(thrown: unknown, ...codes: readonly string[]): void {
  expect(thrown).toBeInstanceOf(UpdaterError);
  const error = thrown as UpdaterError;
  expect(codes).toContain(error.code);
  for (const language of languages) {
    const { what, next } = error.describe(catalogueOf(language));
    expect(what.length).toBeGreaterThan(0);
    expect(next.length).toBeGreaterThan(0);
  }
}

/**
 * The smallest damaged text of a JSON file that is neither read nor refused clearly, and why; undefined when there is
 * none.
 */
export function misread(value: object, read: (text: string) => unknown, code: string) {
  const texts = fc.oneof(fc.json(), fc.string(), damaged(JSON.stringify(value)), altered(value));
  return refutes(
    fc.property(texts, (found) => {
      try {
        read(found);
      } catch (thrown) {
        // A key it does not know may be a newer one's.
        expectClear(thrown, code, "writtenByNewer");
      }
    }),
  );
}
