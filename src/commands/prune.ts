import { exit } from "../errors.ts";
import { takeControl } from "../instance/instance-lock.ts";
import { removeGeneration, removeUnfinished, removeUnusedImages } from "../instance/prune.ts";
import { beyondRetention, windowEnd } from "../instance/retention.ts";
import { viewInstance } from "../instance/read-instance.ts";
import { Sessions } from "../runner/sessions.ts";
import { startingGeneration } from "../instance/serving.ts";
import { slotIntact } from "../postgres/follow/publication.ts";
import { removeGates } from "../steps/start-gates.ts";
import { giveUpFollowing, retireGeneration } from "../steps/stop-generation.ts";
import { type Command, openInstance } from "./command.ts";

export const pruneCommand: Command = async (environment) => {
  const { cli } = environment.catalogue;
  const instance = await openInstance(environment);
  const { engine, name, configuration } = instance;
  const { state: seen } = await viewInstance(engine, name);
  const control = await takeControl(engine, {
    instance: name,
    image: seen.proxyImage,
    operation: "prune",
  });
  const sessions = new Sessions(instance);
  try {
    const view = await viewInstance(engine, name);
    const serving = startingGeneration(view, name);
    const { keep, remove } = beyondRetention(
      view.state,
      serving.number,
      configuration.retention.generations,
    );
    // Forgotten first: a generation that is half deleted must not be offered to return to.
    await control.writeState({ ...view.state, generations: keep });
    await removeGates({ instance });
    const windowIsOver =
      windowEnd(serving, configuration.rollback.window) < new Date().toISOString() ||
      !(await slotIntact(await sessions.database(serving.number)));
    for (const { number } of keep) {
      if (number === serving.number) continue;
      if (number === serving.previous && windowIsOver) {
        await giveUpFollowing(instance, sessions, serving.number, number);
      } else await retireGeneration(instance, sessions, number);
    }
    for (const generation of remove) await removeGeneration(instance, control, generation);
    const unfinished = await removeUnfinished(instance, view.state.generations);
    const images = await removeUnusedImages(instance, keep);
    const generations = [
      ...remove.map(({ number, tag }) => cli.generationName(number, tag)),
      ...unfinished.map((number) => cli.unfinishedName(number)),
    ];
    environment.print(cli.pruned(generations, images), {
      type: "pruned",
      generations: [...remove.map(({ number }) => number), ...unfinished],
      images,
    });
    return exit.done;
  } finally {
    await sessions.close();
    await control.release();
  }
};
