import { keepScheduler } from "../operations/jobs/keep-scheduler.ts";
import { swap } from "../operations/start-swap.ts";
import { type Command, openInstance } from "./command.ts";
import { reportOperation } from "./operation-report.ts";

export const swapCommand =
  (tag: string, { override }: { override: readonly string[] }): Command =>
  async (environment) => {
    const { cli } = environment.catalogue;
    const instance = await openInstance(environment);
    const { language, signal } = environment;
    const result = await swap(instance, tag, { language, override }, signal);
    await keepScheduler(instance);
    const success = `${cli.done.swap(result.to, result.from ?? "")}\n${cli.done.swapNext}`;
    return reportOperation(environment, result, success);
  };
