import { endSource } from "../instance/bare-metal.ts";
import type { OperationContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";
import type { CandidateContext } from "../steps/context.ts";

/** Milliseconds that it may take, however large the database: users do not wait for it. */
const limitMs = 12 * 60 * 60_000;

/**
 * What was loaded a moment ago is unknown to PostgreSQL's planner: pages would be slow for a while. Users are served by then, and
 * nothing leads to where it came from any more.
 */
export const analyzeDatabase: Step<
  Pick<OperationContext, "instance" | "sessions" | "hold"> & Pick<CandidateContext, "candidate">
> = {
  name: "analyze",

  async apply({ instance, sessions, candidate, hold }) {
    await endSource(instance, candidate.number);
    await sessions.allow(limitMs);
    const database = await sessions.database(candidate.number);
    await database.query("ANALYZE");
    await sessions.allow(hold.limitMs);
  },
};
