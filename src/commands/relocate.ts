import { relocate } from "../operations/relocate.ts";
import { keepScheduler } from "../scheduled/keep-scheduler.ts";
import { type Command, openInstance } from "./command.ts";

export const relocateCommand: Command = async (environment) => {
  // Whatever was begun from elsewhere is not ended before it is clear from where.
  const instance = await openInstance(environment, { recover: false });
  const { from, to } = await relocate(instance);
  await keepScheduler(instance, { again: true });
  environment.print(environment.catalogue.cli.relocated(instance.name, from, to), {
    type: "relocated",
    from,
    to,
  });
};
