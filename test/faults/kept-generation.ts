import { clientOf, connectEngine } from "../../src/engine/connect.ts";
import { generationOf } from "../../src/instance/state.ts";
import { readInstance } from "../../src/instance/read-instance.ts";
import { tags } from "../support/miniature.ts";
import type { Fault } from "./fault.ts";
import { difference, Scene } from "../support/scene.ts";

interface Loss {
  readonly class: string;
  readonly name: string;
  /** Removes what only a rollback would miss. */
  readonly remove: (kept: string, image: string) => Promise<void>;
  /** What a sysadmin does then; each must succeed. */
  readonly afterwards: readonly (readonly string[])[];
}

const losses: readonly Loss[] = [
  {
    class: "a volume removed by hand",
    name: "the data of the version kept is removed",
    async remove(kept) {
      const engine = await connectEngine();
      await clientOf(engine).getContainer(`${kept}-db`).remove({ force: true });
      await clientOf(engine).getVolume(`${kept}-data`).remove();
    },
    afterwards: [["swap", tags.codeOnly]],
  },
  {
    class: "an image removed by hand",
    name: "the version kept goes with docker system prune",
    async remove(kept, image) {
      const engine = await connectEngine();
      // Its database runs, and stays.
      await clientOf(engine).getContainer(`${kept}-app`).remove();
      await clientOf(engine).getImage(image).remove();
    },
    afterwards: [["build", tags.first], ["rollback"]],
  },
];

/** What somebody removes while nothing is under way is missed by a rollback, which says so beforehand. */
export const keptGenerationFaults: readonly Fault[] = losses.map(
  ({ class: kind, name, remove, afterwards }) => ({
    name,
    class: kind,
    async run({ site }) {
      const scene = await Scene.init(`${site.instance}-kept`);
      try {
        const { instance } = scene.site;
        await scene.reach(tags.additive);
        const { state } = await readInstance(await connectEngine(), instance);
        const { number, image } = generationOf(state, 1);
        await remove(`biomaid-${instance}-g${number}`, image);
        const before = await scene.picture();
        const found: string[] = [];
        const problems = await scene.problemsUnderLoad(async () => {
          const refused = await scene.site.run("rollback", "--accept-data-loss");
          if (refused.exitCode !== 1 || !/cannot be put back/.test(refused.all)) {
            found.push(`rollback ended with ${refused.exitCode}: ${refused.all}`);
          }
        });
        found.push(...difference(before, await scene.picture()));
        for (const argv of afterwards) await scene.site.does(...argv);
        return [...problems, ...found, ...(await scene.disorder())];
      } finally {
        await scene.site.remove();
      }
    },
  }),
);
