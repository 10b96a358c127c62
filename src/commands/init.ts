import { keepScheduler } from "../scheduled/keep-scheduler.ts";
import { init } from "../operations/init.ts";
import { type Command, openInstance, urlOf } from "./command.ts";
import { reportOperation } from "./operation-report.ts";

export const initCommand =
  (tag: string | undefined, { fromDump, media }: { fromDump?: string; media?: string }): Command =>
  async (environment) => {
    const { catalogue, language, signal } = environment;
    const instance = await openInstance(environment);
    const result = await init(instance, { tag, fromDump, media, language }, signal);
    if (result.outcome.kind === "done") await keepScheduler(instance);
    return reportOperation(
      environment,
      result,
      catalogue.cli.done.init(result.to, urlOf(instance)),
    );
  };
