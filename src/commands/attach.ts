import { listContainers } from "../engine/containers.ts";
import { labelsOf } from "../engine/labels.ts";
import { exit } from "../errors.ts";
import { holderOf } from "../instance/instance-lock.ts";
import { type Command, openInstance } from "./command.ts";
import { watch } from "./supervise.ts";

export const attachCommand: Command = async (environment) => {
  const instance = await openInstance(environment, { recover: false });
  const { engine, name } = instance;
  const { cli } = environment.catalogue;
  const [found] = await listContainers(engine, labelsOf(name, "operator"));
  if (!found) {
    environment.print(cli.nothingToAttach, { type: "nothing" });
    return exit.done;
  }
  const { operation, holder, since } = holderOf(
    found.labels,
    new Date(found.createdAt).toISOString(),
  );
  environment.reporter.event({ type: "attached", operation, holder, since });
  return (await watch(environment, instance, found.id, { detach: false })) ?? exit.done;
};
