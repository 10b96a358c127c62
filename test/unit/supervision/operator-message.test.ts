import { PassThrough } from "node:stream";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TextReporter } from "../../../src/cli/terminal-reporter.ts";
import { UpdaterError } from "../../../src/errors.ts";
import { lineOf, type Message, messageIn } from "../../../src/supervision/operator-message.ts";
import { catalogueOf, languages } from "../../../src/text/catalogue.ts";
import { altered, damaged, expectClear, refutes } from "../../support/hostile-input.ts";
import { journal } from "../../support/journal-sample.ts";

describe("what an operator says", () => {
  const record = {
    id: "1",
    tag: "0.8.1",
    commit: "c",
    localCommit: "l",
    settings: null,
    serving: 1,
    image: "i",
    imageId: "d",
    position: "0/1",
    finishedAt: journal.startedAt,
    blocking: [],
    notLossless: [],
    hold: 600,
    verdict: "ready" as const,
  };
  const known = { kind: "current" as const, because: null, record, written: 96 };
  const said: Message[] = [
    { message: "event", event: { type: "step-started", step: "fence" } },
    { message: "event", event: { type: "step-finished", step: "fence", milliseconds: 20 } },
    { message: "event", event: { type: "rehearsed", tag: "0.8.1", choice: "0.8.1", ...known } },
    { message: "event", event: { type: "note", note: "rehearsal-tidied" } },
    {
      message: "event",
      event: { type: "progress", step: "clone-database", done: 1, total: 2, unit: "bytes" },
    },
    {
      message: "event",
      event: {
        type: "recovering",
        operation: "swap",
        to: "0.8.1",
        since: journal.startedAt,
        committed: true,
      },
    },
    {
      message: "refused",
      error: new UpdaterError("pagesFail", {
        tag: "0.8.1",
        pages: [{ page: "/", status: 500, signedIn: true }],
      }),
    },
    { message: "ended", exitCode: 3 },
  ];

  test("arrives as it was said", () => {
    for (const message of said) expect(messageIn(lineOf(message))).toEqual(message);
  });

  test("and was garbled on the way can be shown, or counts as nothing", () => {
    const reporters = languages.map(
      (language) =>
        new TextReporter({
          catalogue: catalogueOf(language),
          stream: new PassThrough().resume() as unknown as NodeJS.WriteStream,
          verbose: true,
        }),
    );
    const lines = fc.constantFrom(...said).chain((message) =>
      fc.oneof(
        damaged(lineOf(message)),
        altered(message),
        "event" in message
          ? altered(message.event).map((event) => `{"message":"event","event":${event}}`)
          : fc.jsonValue().map((parameters) => {
              const error = { code: "pagesFail", parameters: { pages: parameters } };
              return JSON.stringify({ message: "refused", error });
            }),
      ),
    );
    const property = fc.property(lines, (line) => {
      const message = messageIn(line);
      if (message?.message === "event") {
        for (const reporter of reporters) reporter.event(message.event);
      }
      if (message?.message === "refused") expectClear(message.error, message.error.code);
    });
    expect(refutes(property)).toBeUndefined();
  });
});
