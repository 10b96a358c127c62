import { rollback } from "../operations/start-rollback.ts";
import { type Command, openInstance } from "./command.ts";
import { reportOperation } from "./operation-report.ts";

export const rollbackCommand =
  ({ acceptDataLoss }: { acceptDataLoss: boolean }): Command =>
  async (environment) => {
    const { cli } = environment.catalogue;
    const instance = await openInstance(environment);
    const result = await rollback(
      instance,
      { acceptDataLoss, language: environment.language },
      environment.signal,
    );
    const success = `${cli.done.rollback(result.to, result.from ?? "")}\n${cli.lost(result.lost)}`;
    return reportOperation(environment, result, success);
  };
