import { prune } from "../operations/prune.ts";
import { type Command, openInstance } from "./command.ts";

export const pruneCommand: Command = async (environment) => {
  const { cli } = environment.catalogue;
  const instance = await openInstance(environment, { changes: true });
  const { generations, unfinished, images } = await prune(instance);
  const names = [
    ...generations.map(({ number, tag }) => cli.generationName(number, tag)),
    ...unfinished.map((number) => cli.unfinishedName(number)),
  ];
  environment.print(cli.pruned(names, images), {
    type: "pruned",
    generations: [...generations.map(({ number }) => number), ...unfinished],
    images,
  });
};
