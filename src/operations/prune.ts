import { withInstanceLock } from "../instance/instance-lock.ts";
import type { Instance } from "../instance/instance.ts";
import { removeGeneration, removeUnfinished, removeUnusedImages } from "../instance/prune.ts";
import { readInstance } from "../instance/read-instance.ts";
import { beyondRetention, neededToTidy, windowEnd } from "../instance/retention.ts";
import { startingGeneration } from "../instance/serving.ts";
import { StateStore } from "../instance/state-store.ts";
import type { Generation } from "../instance/state.ts";
import { slotIntact } from "../postgres/follow/publication.ts";
import { Sessions } from "../runner/sessions.ts";
import { removeGates } from "../steps/start-gates.ts";
import { giveUpFollowing, retireGeneration } from "../steps/stop-generation.ts";

export interface Pruned {
  readonly generations: readonly Generation[];
  /** Numbers of generations that were begun and never written down. */
  readonly unfinished: readonly number[];
  /** Tags of images. */
  readonly images: readonly string[];
}

/**
 * Deletes what the retention policy does not keep and what dead operations left; ends the following of the version
 * left where its window is over. What is still to be tidied keeps its generations until it is.
 * @throws UpdaterError `noInstance`, `locked`, `unfinished`, `gateIsClosed`
 */
export async function prune(instance: Instance): Promise<Pruned> {
  const { engine, name, configuration } = instance;
  const { state: seen } = await readInstance(engine, name);
  const lock = { instance: name, image: seen.proxyImage, operation: "prune" };
  return await withInstanceLock(engine, lock, async (control) => {
    const sessions = new Sessions(instance);
    try {
      const view = await readInstance(engine, name);
      const serving = startingGeneration(view);
      const kept = configuration.retention.generations;
      const needed = neededToTidy(view);
      const { keep, remove } = beyondRetention(view.state, serving.number, kept, needed);
      // Forgotten first: a generation that is half deleted must not be offered to return to.
      const state = new StateStore(control, view.state);
      await state.change((current) => ({ ...current, generations: keep }));
      await removeGates({ instance });
      const windowIsOver =
        windowEnd(serving, configuration.rollback.windowMs) < new Date().toISOString() ||
        !(await slotIntact(await sessions.database(serving.number)));
      for (const { number } of keep) {
        if (number === serving.number) continue;
        if (number === serving.previous && windowIsOver) {
          await giveUpFollowing(instance, sessions, serving.number, number);
        } else await retireGeneration(instance, sessions, number);
      }
      for (const generation of remove) await removeGeneration(instance, control, generation);
      const unfinished = await removeUnfinished(instance, control, view.state.generations);
      // What was rehearsed is what is swapped to.
      const oldest = new Date(Date.now() - configuration.rehearse.maxAgeMs).toISOString();
      const rehearsed = view.state.rehearsals.filter(
        (one) => one.serving === serving.number && one.finishedAt > oldest,
      );
      const images = await removeUnusedImages(instance, [...keep, ...rehearsed]);
      return { generations: remove, unfinished, images };
    } finally {
      await sessions.close();
    }
  });
}
