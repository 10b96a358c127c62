import { expect, test } from "vitest";
import { UpdaterError } from "../../../src/errors.ts";
import { ApplicationError } from "../../../src/instance/application.ts";
import type { Event } from "../../../src/instance/events.ts";
import type { Generation } from "../../../src/instance/state.ts";
import { Guardrails } from "../../../src/runner/guardrails.ts";
import { refuseUnhealthyServing } from "../../../src/runner/preflight.ts";
import { catalogueOf, languages } from "../../../src/text/catalogue.ts";

const serving = { number: 1, tag: "0.8.0" } as Generation;

/** What is asked of an application that fails like this, and whether its session was ended. */
function asked(failure: unknown) {
  const closed: number[] = [];
  const sessions = {
    application: async () => ({ ping: () => Promise.reject(failure) }),
    closeGeneration: async (number: number) => void closed.push(number),
  } as unknown as Parameters<typeof refuseUnhealthyServing>[0];
  const ask = async (signal = new AbortController().signal) =>
    await refuseUnhealthyServing(sessions, serving, signal);
  return { ask, closed };
}

test.each([
  ["answers nonsense", new ApplicationError({ kind: "ProtocolError", message: "x", trace: [] })],
  ["ends", new UpdaterError("applicationEnded", { while: "knock" })],
  [
    "says nothing",
    new UpdaterError("applicationSilent", { container: "g1-app", asked: "knock", seconds: 60 }),
  ],
  [
    "lets nothing start beside it",
    Object.assign(new Error("(HTTP code 409) is restarting"), { statusCode: 409 }),
  ],
])("an application that %s is unhealthy, which can be overridden", async (_, failure) => {
  const { ask, closed } = asked(failure);

  await expect(ask()).rejects.toMatchObject({ code: "servingUnhealthy", cause: failure });
  expect(closed).toEqual([1]);

  const told: Event[] = [];
  const guardrails = new Guardrails(["unhealthy"], { event: (event) => void told.push(event) });
  await guardrails.ask("unhealthy", ask);
  guardrails.settle();
  expect(told).toMatchObject([{ type: "warning", error: { code: "servingUnhealthy" } }]);
});

test("an interruption is no fault of the application's", async () => {
  const failure = new ApplicationError({ kind: "ProtocolError", message: "x", trace: [] });
  const interrupted = new UpdaterError("interrupted", {});

  await expect(asked(failure).ask(AbortSignal.abort(interrupted))).rejects.toBe(interrupted);
});

test("it is told without a page where none was answered", () => {
  for (const language of languages) {
    const { what } = catalogueOf(language).errors.servingUnhealthy({ tag: "0.8.0", pages: [] });
    expect(what).toMatch(/: (no|aucune) \S/u);
  }
});
