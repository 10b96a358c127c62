import { expect, test } from "vitest";
import { judgeAnswers } from "../../../src/doctor/reach.ts";

test("each server a build does not reach is a problem with a remedy of its own", () => {
  const answer = { use: "apt", url: "http://a.example.org/x", detail: "", offset: null } as const;
  const findings = judgeAnswers([
    { ...answer, failure: null },
    {
      ...answer,
      use: "pip",
      url: "https://b.example.org/y",
      failure: "tls",
      detail: "self-signed",
    },
  ]);
  expect(findings).toMatchObject([
    { level: "ok", facts: { hosts: ["a.example.org (apt)"] } },
    { level: "problem", code: "unreachable", facts: { host: "b.example.org", failure: "tls" } },
  ]);
});
