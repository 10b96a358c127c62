import type { Target } from "../release/target.ts";
import { keepScheduler } from "../scheduled/keep-scheduler.ts";
import { swap } from "../operations/swap.ts";
import { type Command, openInstance } from "./command.ts";
import { reportOperation } from "./operation-report.ts";

export const swapCommand =
  (choice: Target, override: readonly string[]): Command =>
  async (environment) => {
    const { cli } = environment.catalogue;
    const instance = await openInstance(environment);
    const { language, signal } = environment;
    const result = await swap(instance, choice, { language, override }, signal);
    const done =
      choice.kind === "tag"
        ? cli.done.swap(result.to, result.from ?? "")
        : cli.done.renewed(result.to);
    await keepScheduler(instance);
    const success = `${done}\n${cli.done.swapNext}`;
    return reportOperation(environment, result, success);
  };
