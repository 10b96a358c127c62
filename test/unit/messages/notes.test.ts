import * as fc from "fast-check";
import { expect, test } from "vitest";
import { notesMarkup } from "../../../src/messages/notes.ts";
import { refutes } from "../../support/hostile-input.ts";

test("nothing a NEWS.md says becomes markup but what it may", () => {
  const bits = ["**", "`", "[a](https://example.org/", ")", "<b>", '"', "'", "&lt;", "[", "]("];
  const text = fc.array(fc.oneof(fc.constantFrom(...bits), fc.string())).map((all) => all.join(""));
  const ours = /<\/?(article|h2|small|section|h3|ul|li|strong|code|a)( [a-z-]+="[^"<>]*")*>/g;
  expect(
    refutes(
      fc.property(text, text, (title, item) => {
        const sections = [{ title, items: [{ text: item, items: [] }] }];
        const releases = [{ version: "0.9", date: item, sections }];
        const { text: markup } = notesMarkup(releases, { [title]: [item] });
        expect(markup.replace(ours, "")).not.toMatch(/[<>"]/);
      }),
    ),
  ).toBeUndefined();
});
