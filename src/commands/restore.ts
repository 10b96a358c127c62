import { restore } from "../operations/start-restore.ts";
import { type Command, openInstance } from "./command.ts";
import { reportOperation } from "./operation-report.ts";

export const restoreCommand =
  (name: string, { acceptDataLoss }: { readonly acceptDataLoss: boolean }): Command =>
  async (environment) => {
    const { catalogue, language, signal } = environment;
    const instance = await openInstance(environment);
    const result = await restore(instance, name, { language, acceptDataLoss }, signal);
    return reportOperation(environment, result, catalogue.cli.restored(name, result.to));
  };
