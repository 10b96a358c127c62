import { draftsOf } from "../support/backups.ts";
import { tags } from "../support/miniature.ts";
import type { Fault } from "./fault.ts";
import { around, diesAndRecovers, undone } from "./kills.ts";
import type { Death } from "../support/death.ts";
import { difference, type Scene } from "../support/scene.ts";

const kind = "kill -9 in backups and restores";

const restoreBefore = [
  "build-image",
  "load-backup",
  "start-candidate",
  "migrate",
  "boot",
  "probe",
  "start-gates",
  "close-gate",
  "fence",
];
const restoreAfter = ["switch-static", "stop-gates", "end-following", "probation", "retention"];

export const backupFaults: readonly Fault[] = [
  ...around(["prepare-backup", "backup"]).map((at) => ofSwap({ at })),
  ...[500, 2000, 4000].map((after) => ofSwap({ at: "step-started:backup", after })),
  ...around(["prepare-backup", "backup"]).map((at) => ofBackup({ at })),
  ...[500, 2000, 4000].map((after) => ofBackup({ at: "step-started:backup", after })),
  ...around(restoreBefore).map((at) => restoreUndone({ at })),
  restoreFinished({ at: "step-started:commit" }),
  restoreFinished({ at: "step-finished:commit" }),
  ...around(restoreAfter).map((at) => restoreFinished({ at })),
];

function nameOf({ at, after }: Death): string {
  return `${at}${after === undefined ? "" : ` + ${after} ms`}`;
}

function ofSwap(death: Death): Fault {
  return {
    name: `swap with a backup, killed at ${nameOf(death)}`,
    class: kind,
    async run(scene) {
      await scene.reach(tags.first);
      await scene.site.configure({ backup: "before_swap = true" });
      try {
        const problems = await undone(scene, tags.first, death, "swap", tags.additive);
        return [...problems, ...(await draftsOf(scene.site))];
      } finally {
        await scene.site.configure({});
      }
    },
  };
}

/** What it has kept by then stays, and is whole. */
function ofBackup(death: Death): Fault {
  return {
    name: `backup, killed at ${nameOf(death)}`,
    class: kind,
    async run(scene) {
      const problems = await undone(scene, tags.first, death, "backup");
      const { exitCode, all } = await scene.site.run("backups");
      if (exitCode !== 0) problems.push(`backups ended with ${exitCode}: ${all}`);
      return [...problems, ...(await draftsOf(scene.site))];
    },
  };
}

function restoreUndone(death: Death): Fault {
  return {
    name: `restore, killed at ${nameOf(death)}`,
    class: kind,
    run: async (scene) =>
      await undone(scene, tags.additive, death, ...(await restoreOf(scene, tags.first))),
  };
}

/** Nobody works meanwhile: a restore is meant to lose what was written since the backup. */
function restoreFinished(death: Death): Fault {
  return {
    name: `restore, killed at ${nameOf(death)}`,
    class: kind,
    async run(scene) {
      const argv = await restoreOf(scene, tags.first);
      await scene.reach(tags.additive);
      await diesAndRecovers(scene, death, argv);
      const served = (await scene.servingTag()) ?? "nothing";
      const { static: edition } = await scene.picture();
      return [
        ...difference({ served: tags.first, edition: tags.first }, { served, edition }),
        ...(await scene.disorder()),
        ...(await scene.goesOn()),
      ];
    },
  };
}

/** A backup of a version, made now unless there is one. */
async function restoreOf(scene: Scene, tag: typeof tags.first): Promise<readonly string[]> {
  const backups = async () => {
    const listed = await scene.site.does<{
      backups: readonly { name: string; tag: string; kind: string }[];
    }>("backups");
    return listed.backups.filter((one) => one.tag === tag && one.kind === "dump");
  };
  if ((await backups()).length === 0) {
    await scene.reach(tag);
    await scene.site.does("backup");
  }
  const [newest] = await backups();
  if (!newest) throw new Error(`no backup of ${tag}`);
  return ["restore", newest.name, "--accept-data-loss"];
}
