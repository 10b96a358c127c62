import { expect, test } from "vitest";
import { UpdaterError } from "../../src/errors.ts";
import { error } from "../../src/instance/events.ts";
import { catalogueOf, languages } from "../../src/text/catalogue.ts";

const cause = new UpdaterError("undoTooLong", { step: "fence", seconds: 60 });
const told = new UpdaterError(
  "recoveryFails",
  { operation: "swap", to: "0.8.1", reason: cause.message },
  cause,
);

test.each(languages)(
  "an error that is another one's reason is told in words, in %s",
  (language) => {
    const catalogue = catalogueOf(language);
    const { what } = told.describe(catalogue);
    expect(what).toContain(cause.describe(catalogue).what);
    expect(what).not.toContain(cause.code);
  },
);

test("it is so in another process", () => {
  const arrived = error.parse(JSON.parse(JSON.stringify(told)));
  const catalogue = catalogueOf("en");
  expect(arrived.describe(catalogue)).toEqual(told.describe(catalogue));
});

test("a reason in words of its own stays, whatever the error came from", () => {
  const { what } = new UpdaterError(
    "releaseFails",
    { tag: "0.8.1", reason: "(admin.E403) no template engine" },
    cause,
  ).describe(catalogueOf("en"));
  expect(what).toContain("(admin.E403) no template engine");
});
