import { resolve } from "node:path";
import { restoreInto } from "../backup/restore-into.ts";
import { restore } from "../operations/restore.ts";
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

/** `restore --into`: nothing of production is touched, so nothing of it need be put in order first. */
export const restoreIntoCommand =
  (name: string, into: string): Command =>
  async (environment) => {
    const instance = await openInstance(environment, { recover: false });
    const folder = resolve(into);
    const snapshot = await restoreInto(instance, name, folder, environment.signal);
    const text = environment.catalogue.cli.restoredInto(snapshot, folder);
    environment.print(text, { type: "restored-into", folder, snapshot });
  };
