import { get } from "node:http";
import { text } from "node:stream/consumers";
import { messageOf } from "../../src/errors.ts";
import type { RehearsalReport } from "../../src/rehearsal/report/model.ts";
import type { Ended, JobsRun, Operator } from "../support/operator.ts";
import type { Ledger } from "../support/ledger.ts";
import type { Check } from "./report.ts";
import { requestsShown } from "./users.ts";

/** They run, each of them, on the version that serves; one that crashes on a fixture's data is told. */
export function jobsCheck(
  when: string,
  schedule: string,
  { tag, outcome, jobs }: JobsRun,
  serving: string,
) {
  const crashed = jobs.flatMap(({ name, error }) => (error === null ? [] : [`${name}: ${error}`]));
  return {
    what: `${when}: the ${schedule} jobs run on ${serving}`,
    passed: tag === serving && jobs.length > 0 && (outcome === "done" || crashed.length > 0),
    seen: `${jobs.length} jobs on ${tag}, ${outcome} ${crashed.join("; ")}`.trimEnd(),
  } satisfies Check;
}

/** A rollback that would leave something out says so first. */
export async function goBack(operator: Operator): Promise<{ operation: Ended; leftOut: string }> {
  try {
    return { operation: await operator.operate("rollback"), leftOut: "nothing" };
  } catch (error) {
    const said = messageOf(error);
    if (!said.includes("would lose")) throw error;
    return { operation: await operator.operate("rollback", "--accept-data-loss"), leftOut: said };
  }
}

/** The version returned to shows, on its own pages, what was entered with the other. */
export async function shownCheck(operator: Operator, { prefix }: Ledger): Promise<Check> {
  const { shown, asked } = await requestsShown(operator, prefix);
  return {
    what: "rollback: pages show what was entered since the swap",
    passed: asked > 0 && shown === asked,
    seen: `${shown} of ${asked} requests`,
  };
}

/** The release has to get through its rehearsal; what it does to the data is told, not judged. */
export function rehearsalChecks(report: RehearsalReport | undefined): Check[] {
  const { failure = null, pages = [], verdict } = report ?? {};
  const failing = pages.filter(({ after }) => after?.status !== 200).map(({ page }) => page);
  return [
    {
      what: "rehearse: the release gets through it",
      passed: failure === null && report !== undefined,
      seen: failure === null ? String(verdict) : failure.reason,
    },
    {
      what: "rehearse: every page answers",
      passed: pages.length > 0 && failing.length === 0,
      seen: failing.length === 0 ? `${pages.length} pages` : failing.join(" "),
    },
  ];
}

/** Within a quarter of what the swap needed, or half a second. */
export function predictionCheck(predicted = Infinity, needed: number | null = null): Check {
  const wrong = Math.abs(predicted - (needed ?? 0));
  return {
    what: "swap: users waited as long as the rehearsal said",
    passed: needed !== null && wrong <= Math.max(500, needed / 4),
    seen: `${Math.round(predicted)} ms predicted, ${Math.round(needed ?? 0)} ms needed`,
  };
}

export async function fetchFrom(
  origin: string,
  path: string,
): Promise<{ status: number; body: string }> {
  const headers = { "User-Agent": "biomaid-updater-acceptance" };
  const answer = await new Promise<import("node:http").IncomingMessage>((resolve, reject) => {
    get(new URL(path, origin), { headers }, resolve).once("error", reject);
  });
  return { status: answer.statusCode ?? 0, body: await text(answer) };
}
