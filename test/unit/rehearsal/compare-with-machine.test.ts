import { expect, test } from "vitest";
import { compareWithMachine } from "../../../src/rehearsal/rehearse-move.ts";
import type { RehearsalContext } from "../../../src/rehearsal/rehearsal-context.ts";

const { signal } = new AbortController();
const page = { page: "/", status: 200, milliseconds: 1, size: 1, began: 1, signed_in: true };
const answers = (line: string) => [{ ...page, lines: [line], again: [line] }];

/** Installation by hand is generation 1, the copy 0. */
function rehearsal(compare: (cookie: string | undefined) => unknown) {
  const events: unknown[] = [];
  const statements: string[] = [];
  const machine = {
    query: (statement: string) => Promise.resolve(statements.push(statement.split(" ")[0]!)),
    end: () => Promise.resolve(),
  };
  const copy = {
    admit: () => Promise.resolve({ user: "root", cookie: "sessionid", data: "signed" }),
    dismiss: () => Promise.resolve(),
    compare: () => Promise.resolve(answers("here")),
  };
  const byHand = {
    compare: async (cookie: string | undefined) => await Promise.resolve(cookie).then(compare),
  };
  const context = {
    instance: { reporter: { event: (event: unknown) => events.push(event) } },
    sessions: {
      application: (number: number) => Promise.resolve(number === 0 ? copy : byHand),
      closeGeneration: () => Promise.resolve(),
    },
    serving: { number: 1 },
    candidate: { number: 0 },
    asSite: () => Promise.resolve(machine),
    facts: {},
  } as unknown as RehearsalContext;
  return { context, events, statements };
}

test("pages are compared as a user whose session is on the machine for that long", async () => {
  const cookies: unknown[] = [];
  const { context, statements } = rehearsal((cookie) => {
    cookies.push(cookie);
    return answers("there");
  });
  await compareWithMachine.apply(context, signal);

  expect(cookies).toEqual([undefined, expect.stringMatching(/^sessionid=biomaidupdater\w+$/)]);
  expect(context.facts.asked).toMatchObject({ user: "root", pages: [{ page: "/" }] });
  expect(context.facts.differing).toMatchObject([[{ page: "/" }, 2]]);
  expect(statements).toEqual(["INSERT", "DELETE"]);
});

test.each([
  ["before anybody is signed in", undefined, ["DELETE"]],
  ["after that", "sessionid", ["INSERT", "DELETE"]],
])("gunicorn that cannot be asked %s leaves the copy to be judged alone", async (_, from, said) => {
  const { context, events, statements } = rehearsal((cookie) => {
    if (cookie?.split("=")[0] === from) throw new Error("KeyError: 'compare'");
    return answers("there");
  });
  await compareWithMachine.apply(context, signal);

  expect(context.facts.asked).toBeUndefined();
  expect(events).toContainEqual({ type: "note", note: "serving-not-asked" });
  expect(statements).toEqual(said);
});
