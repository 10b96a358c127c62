import { planSwap } from "../operations/plan.ts";
import type { Target } from "../release/target.ts";
import { type Command, openInstance, withoutEvents } from "./command.ts";
import { planText } from "./plan-text.ts";

/** @param override guardrails that the swap would be told to ignore, by name */
export const planCommand =
  (choice: Target, override: readonly string[] = []): Command =>
  async (environment) => {
    const { catalogue, signal, verbose } = environment;
    const instance = await openInstance(withoutEvents(environment), { recover: false });
    const plan = await planSwap(instance, choice, override, signal);
    environment.print(planText(plan, catalogue, verbose), { type: "plan", ...plan });
  };
