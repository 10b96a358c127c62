import { expect, test } from "vitest";
import { TextReporter } from "../../../src/cli/terminal-reporter.ts";
import { catalogueOf } from "../../../src/text/catalogue.ts";

test("progress on no terminal is a line a step, with its time", () => {
  const written: string[] = [];
  const stream = { isTTY: false, write: (text: string) => written.push(text) };
  const reporter = new TextReporter({
    catalogue: catalogueOf("fr"),
    stream: stream as unknown as NodeJS.WriteStream,
    verbose: false,
  });
  reporter.event({ type: "step-started", step: "clone-database" });
  reporter.event({ type: "progress", step: "clone-database", done: 1, total: 2, unit: "bytes" });
  reporter.event({ type: "output", source: "database", line: "unseen" });
  reporter.event({ type: "step-finished", step: "clone-database", milliseconds: 1500 });
  expect(written).toEqual([expect.stringMatching(/^✔ Copie de la base en service +1,5\ss\n$/u)]);
});
