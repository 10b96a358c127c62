import { endSource } from "../instance/bare-metal.ts";
import type { OperationContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";
import type { CandidateContext } from "../steps/context.ts";

/**
 * What was loaded a moment ago is unknown to PostgreSQL's planner: pages would be slow for a while. Users are served by then, and
 * nothing leads to where it came from any more.
 */
export const analyzeDatabase: Step<
  Pick<OperationContext, "instance" | "sessions"> & Pick<CandidateContext, "candidate">
> = {
  name: "analyze",

  async apply({ instance, sessions, candidate }) {
    await endSource(instance, candidate.number);
    const database = await sessions.database(candidate.number);
    await database.query("ANALYZE");
  },
};
