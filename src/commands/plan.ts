import { exit } from "../errors.ts";
import { planSwap } from "../operations/plan.ts";
import type { Target } from "../release/target.ts";
import { type Command, openInstance } from "./command.ts";
import { planText } from "./plan-text.ts";

/** @param override guardrails that the swap would be told to ignore, by name */
export const planCommand =
  (choice: Target, override: readonly string[] = []): Command =>
  async (environment) => {
    const { catalogue, json, signal, verbose } = environment;
    // A plan is one object: no events beside it.
    const reporter = json ? { event: () => undefined } : environment.reporter;
    const instance = await openInstance({ ...environment, reporter });
    const plan = await planSwap(instance, choice, override, signal);
    environment.print(planText(plan, catalogue, verbose), { type: "plan", ...plan });
    return exit.done;
  };
