import { exit, UpdaterError } from "../errors.ts";
import { removeInstance } from "../instance/destroy.ts";
import { listContainers } from "../engine/containers.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { type Command, openInstance } from "./command.ts";

export const destroyCommand =
  ({ yes }: { yes?: string }): Command =>
  async (environment) => {
    const instance = await openInstance(environment, { recover: false });
    const { engine, name } = instance;
    if (yes !== name) throw new UpdaterError("destroyUnconfirmed", { instance: name });
    const [lock] = await listContainers(engine, labelsOf(name, "control"));
    if (lock?.running) {
      throw new UpdaterError("locked", {
        instance: name,
        operation: lock.labels[label.operation] ?? "?",
        holder: lock.labels[label.holder] ?? "?",
        since: lock.labels[label.since] ?? "?",
      });
    }
    await removeInstance(instance);
    environment.print(environment.catalogue.cli.destroyed(name), {
      type: "destroyed",
      instance: name,
    });
    return exit.done;
  };
