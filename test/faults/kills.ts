import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clientOf, connectEngine } from "../../src/engine/connect.ts";
import { label } from "../../src/engine/labels.ts";
import { tags } from "../support/miniature.ts";
import { createSite } from "../support/site.ts";
import type { Fault } from "./fault.ts";
import { type Death, dies } from "../support/death.ts";
import { difference, type Scene } from "../support/scene.ts";

/** Steps of a swap that can be undone. */
export const beforeSwitch = [
  "build-image",
  "clone-database",
  "start-candidate",
  "start-gates",
  "await-quiet",
  "close-gate",
  "fence",
  "catch-up",
  "promote",
  "migrate",
  "publish-changes",
  "boot",
  "probe",
  "publish-boot",
];
const afterSwitch = [
  "switch-static",
  "stop-gates",
  "follow",
  "probation",
  "release-clone",
  "retire",
  "retention",
];

/** Steps of a rollback that can be undone. */
export const rollbackBefore = [
  "resume-previous",
  "start-gates",
  "close-gate",
  "fence",
  "catch-up-previous",
  "return-writes",
  "boot",
  "probe",
];
const rollbackAfter = [
  "switch-static",
  "mark-abandoned",
  "stop-gates",
  "check-files",
  "end-following",
  "retire",
];

const initSteps = [
  "start-proxy",
  "build-image",
  "bring-media",
  "create-database",
  "start-candidate",
  "migrate",
  "restore-dump",
  "boot",
  "probe",
];

const rehearsalSteps = [
  "clear-rehearsal",
  "build-image",
  "clone-database",
  "catch-up",
  "promote",
  "detach-copy",
  "ask-serving",
  "measure-data",
  "start-candidate",
  "migrate",
  "compare-data",
  "publish-changes",
  "boot",
  "compare-boot",
  "probe",
  "publish-boot",
  "measure-needs",
  "remove-rehearsal",
];

/** Once before the effect of a step and once after it; what was journalled and not done, and the reverse. */
export const around = (steps: readonly string[]) =>
  steps.flatMap((step) => [`step-started:${step}`, `step-finished:${step}`]);

/** In the middle of what takes long. */
const during: readonly Required<Death>[] = [
  { at: "step-started:clone-database", after: 400 },
  { at: "step-started:clone-database", after: 1000 },
  { at: "step-started:start-candidate", after: 100 },
  { at: "step-started:start-candidate", after: 300 },
  { at: "step-started:start-gates", after: 300 },
  { at: "step-started:close-gate", after: 30 },
  { at: "step-started:promote", after: 30 },
  { at: "step-started:migrate", after: 20 },
];

export const kills: readonly Fault[] = [
  ...around(beforeSwitch).map((at) => swapUndone({ at })),
  ...during.map((death) => swapUndone(death)),
  // From its first word on the journal says that the switch is decided.
  swapFinished({ at: "step-started:commit" }),
  swapFinished({ at: "step-finished:commit" }),
  ...around(afterSwitch).map((at) => swapFinished({ at })),
  ...around(rollbackBefore).map((at) => rollbackUndone({ at })),
  rollbackFinished({ at: "step-started:commit" }),
  rollbackFinished({ at: "step-finished:commit" }),
  ...around(rollbackAfter).map((at) => rollbackFinished({ at })),
  ...around(["snapshot-media", "complete-media"]).map((at) => keepingMedia(swapUndone({ at }))),
  ...around(["compare-media", "restore-media"]).map((at) => keepingMedia(rollbackUndone({ at }))),
  ...around(rehearsalSteps).map((at) => rehearsalForgotten({ at })),
  ...around(initSteps).map((at) => initUndone({ at })),
  initFinished({ at: "step-finished:commit" }),
  ...[0, 30, 60, 120, 250, 500, 1000].map((after) => pruneRepeated({ after })),
];

function nameOf({ at, after }: Death): string {
  return [at, after === undefined ? "" : `${after} ms`].filter(Boolean).join(" + ");
}

function swapUndone(death: Death): Fault {
  return {
    name: `swap, killed at ${nameOf(death)}`,
    class: "kill -9 of the updater",
    run: async (scene) => await undone(scene, tags.first, death, "swap", tags.additive),
  };
}

/** At a site that keeps the media as the version left knows them. */
function keepingMedia(fault: Fault): Fault {
  return {
    ...fault,
    async run(scene) {
      // What one before it left has nothing of the media.
      await scene.reach(tags.first);
      await scene.site.configure({ rollback: "snapshot_media = true" });
      try {
        return await fault.run(scene);
      } finally {
        await scene.site.configure({});
        await scene.reach(tags.first);
      }
    },
  };
}

function rollbackUndone(death: Death): Fault {
  return {
    name: `rollback, killed at ${nameOf(death)}`,
    class: "kill -9 of the updater",
    run: async (scene) => await undone(scene, tags.additive, death, "rollback"),
  };
}

/** Everything is as it was, and nobody has noticed. */
export async function undone(
  scene: Scene,
  from: typeof tags.first | typeof tags.additive,
  death: Death,
  ...argv: readonly string[]
): Promise<string[]> {
  await scene.reach(from);
  const before = await scene.picture();
  const problems = await scene.problemsUnderLoad(async () => {
    await diesAndRecovers(scene, death, argv);
  });
  return [...problems, ...difference(before, await scene.picture())];
}

function swapFinished(death: Death): Fault {
  return {
    name: `swap, killed at ${nameOf(death)}`,
    class: "kill -9 of the updater",
    run: async (scene) =>
      await finished(scene, tags.first, tags.additive, death, "swap", tags.additive),
  };
}

function rollbackFinished(death: Death): Fault {
  return {
    name: `rollback, killed at ${nameOf(death)}`,
    class: "kill -9 of the updater",
    run: async (scene) => await finished(scene, tags.additive, tags.first, death, "rollback"),
  };
}

/** Everything is as if nobody had died. */
async function finished(
  scene: Scene,
  from: typeof tags.first | typeof tags.additive,
  to: string,
  death: Death,
  ...argv: readonly string[]
): Promise<string[]> {
  await scene.reach(from);
  const problems = await scene.problemsUnderLoad(async (work) => {
    await diesAndRecovers(scene, death, argv);
    await work.everybodySees(to);
  });
  const served = (await scene.servingTag()) ?? "nothing";
  const { static: edition } = await scene.picture();
  return [
    ...problems,
    ...difference({ served: to, edition: to }, { served, edition }),
    ...(await scene.disorder()),
  ];
}

export async function diesAndRecovers(
  scene: Scene,
  death: Death,
  argv: readonly string[],
): Promise<void> {
  if (!(await dies(scene.site, death, ...argv))) throw new Error("it ended before it could die");
  await scene.site.does("recover");
}

const afterwards: Readonly<Record<string, string>> = {
  "step-started:clone-database": "versions",
  "step-started:migrate": "doctor",
};

function rehearsalForgotten(death: Death): Fault {
  return {
    name: `rehearse, killed at ${nameOf(death)}`,
    class: "kill -9 of the updater",
    async run(scene) {
      await scene.reach(tags.first);
      const before = await scene.picture();
      const problems = await scene.problemsUnderLoad(async () => {
        if (!(await dies(scene.site, death, "rehearse", tags.additive))) {
          throw new Error("it ended before it could die");
        }
        // Whichever command comes next removes what is left.
        await scene.site.does(afterwards[death.at ?? ""] ?? "status");
      });
      return [...problems, ...difference(before, await scene.picture())];
    },
  };
}

function initUndone(death: Death): Fault {
  return {
    name: `init, killed at ${nameOf(death)}`,
    class: "kill -9 of the updater",
    run: async (scene) =>
      await created(scene, death, async (instance) => {
        const left = await objectsOf(instance);
        return left.length === 0 ? [] : [`left: ${left.join(", ")}`];
      }),
  };
}

function initFinished(death: Death): Fault {
  return {
    name: `init, killed at ${nameOf(death)}`,
    class: "kill -9 of the updater",
    run: async (scene) =>
      await created(scene, death, async (_, origin) => {
        const { status } = await fetch(`${origin}/static/edition.txt`);
        return status === 200 ? [] : [`the site answers ${status}`];
      }),
  };
}

/** Beside the site that serves: a second one that is killed while it is created. */
async function created(
  { site: { instance } }: Scene,
  death: Death,
  look: (instance: string, origin: string) => Promise<string[]>,
): Promise<string[]> {
  const site = await createSite(`${instance}-new`);
  try {
    const media = join(site.folder, "media");
    await mkdir(join(media, "files"), { recursive: true });
    await writeFile(join(media, "files", "plan.pdf"), "a plan");
    const argv = ["init", tags.first, "--from-dump", site.dump, "--media", media];
    if (!(await dies(site, death, ...argv))) return ["it ended before it could die"];
    const { exitCode, all } = await site.run("recover");
    if (exitCode !== 0) return [`updater recover ended with ${exitCode}: ${all}`];
    return await look(site.instance, site.origin);
  } finally {
    await site.remove();
  }
}

function pruneRepeated(death: Death): Fault {
  return {
    name: `prune, killed after ${death.after} ms`,
    class: "kill -9 of the updater",
    async run(scene) {
      await scene.reach(tags.additive);
      await scene.site.does("rollback");
      const problems = await scene.problemsUnderLoad(async () => {
        await dies(scene.site, death, "prune");
        await scene.site.does("prune");
      });
      const { containers } = await scene.picture();
      const applications = containers.filter((name) => name.includes("-app"));
      return applications.length === 1 ? problems : [...problems, applications.join(", ")];
    },
  };
}

async function objectsOf(instance: string): Promise<string[]> {
  const engine = await connectEngine();
  const filters = { label: [`${label.instance}=${instance}`] };
  const [containers, { Volumes }, networks] = await Promise.all([
    clientOf(engine).listContainers({ all: true, filters }),
    clientOf(engine).listVolumes({ filters }),
    clientOf(engine).listNetworks({ filters }),
  ]);
  return [
    ...containers.flatMap(({ Names }) => Names),
    ...(Volumes ?? []).map(({ Name }) => Name),
    ...networks.map(({ Name }) => Name),
  ];
}
