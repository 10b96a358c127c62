import { readInstance } from "../instance/read-instance.ts";
import { type Command, openInstance } from "./command.ts";

export const historyCommand: Command = async (environment) => {
  const { cli } = environment.catalogue;
  const instance = await openInstance(environment, { recover: false });
  const { state } = await readInstance(instance.engine, instance.name);
  const verdicts = new Map(state.rehearsals.map(({ id, verdict }) => [id, verdict]));
  const outcomeText = (id: string) => {
    const verdict = verdicts.get(id);
    return verdict && cli.history.verdicts[verdict];
  };
  const lines = state.history.map(({ finishedAt, operation, from, to, outcome, hold, id }) =>
    cli.history.line(
      cli.moment(finishedAt),
      cli.history.what(operation, from, to),
      outcomeText(id) ?? cli.outcomes[outcome],
      hold === null ? "" : cli.history.hold(hold),
      id,
    ),
  );
  environment.print(lines.join("\n") || cli.history.empty, {
    type: "history",
    operations: state.history.map((operation) => ({
      ...operation,
      verdict: verdicts.get(operation.id) ?? null,
    })),
  });
};
