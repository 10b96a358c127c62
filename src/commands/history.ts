import { exit } from "../errors.ts";
import { viewInstance } from "../instance/view.ts";
import { type Command, openInstance } from "./command.ts";

export const historyCommand: Command = async (environment) => {
  const { cli } = environment.catalogue;
  const instance = await openInstance(environment);
  const { state } = await viewInstance(instance.engine, instance.name);
  const lines = state.history.map(({ finishedAt, operation, from, to, outcome, hold, id }) =>
    cli.history.line(
      cli.moment(finishedAt),
      cli.history.what(operation, from, to),
      cli.outcomes[outcome],
      hold === null ? "" : cli.history.hold(hold),
      id,
    ),
  );
  environment.print(lines.join("\n") || cli.history.empty, {
    type: "history",
    operations: state.history,
  });
  return exit.done;
};
