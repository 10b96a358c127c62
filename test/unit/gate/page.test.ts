import { describe, expect, test } from "vitest";
import { browser, useClosedGate } from "../../support/closed-gate.ts";

const ask = useClosedGate();

test("the page says until when, on the clock of the site", async () => {
  const { body } = await ask({ ...browser, "Accept-Language": "fr" });
  expect(body).toMatch(/vers \d\d:\d\d, dans 3 minutes environ/);
  const [, time] = /vers (\d\d:\d\d)/.exec(body)!;
  const options = { timeStyle: "short", timeZone: "Europe/Paris" } as const;
  const at = (seconds: number) =>
    new Date(Date.now() + seconds * 1000).toLocaleTimeString("fr", options);
  // Counted from whoever waited first, which may have been another test.
  expect([at(50), at(110), at(170)]).toContain(time);
});

describe("what is not a page gets a line of text and when to come back", () => {
  test.each([
    ["a background request of jQuery", { ...browser, "X-Requested-With": "XMLHttpRequest" }],
    ["a background request that says so", { ...browser, "Sec-Fetch-Dest": "empty" }],
    ["an image", { Accept: "image/avif,image/webp,*/*;q=0.8" }],
    ["JSON", { Accept: "application/json" }],
    ["a program", {}],
  ])("%s", async (_, headers) => {
    const { status, headers: answer, body } = await ask(headers);
    expect(status).toBe(503);
    expect(answer).toMatchObject({
      "retry-after": "5",
      "content-type": "text/plain; charset=utf-8",
    });
    expect(body).not.toContain("<");
  });
});
