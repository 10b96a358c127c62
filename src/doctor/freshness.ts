import { execute } from "../engine/exec.ts";
import type { InstanceView } from "../instance/read-instance.ts";
import { paths } from "../instance/names.ts";
import { volumeExists } from "../engine/volumes.ts";
import { snapshotsThere } from "../backup/list-snapshots.ts";
import { crash, type Finding, ok, warning } from "./finding.ts";
import type { Site } from "./check-context.ts";
import { withScratch } from "../engine/scratch-container.ts";
import { scriptBeside, shellCommand } from "../lib/script.ts";

const newestFile = scriptBeside(import.meta.url, "newest-file.sh");

/** Milliseconds after which the newest backup leaves out too much. */
const oldBackupMs = 2 * 86_400_000;

/** How long ago the last rehearsal was. */
export function checkRehearsal(
  { state, serving }: Pick<InstanceView, "state" | "serving">,
  maxAgeMs: number,
  now = Date.now(),
): Finding[] {
  // Nothing can be rehearsed of a site that was installed by hand.
  if (serving?.bareMetal) return [];
  const last = state.rehearsals.at(-1);
  if (!last) return [warning("noRehearsal", {})];
  const { tag, commit, verdict, finishedAt } = last;
  const since = now - Date.parse(finishedAt);
  // Once it was swapped to, its rehearsal has done its duty.
  const done = state.generations.some((generation) => generation.commit === commit);
  if (since > maxAgeMs && !done) return [warning("rehearsalOld", { tag, since })];
  return [ok("rehearsal", { tag, since, verdict })];
}

/** How old the newest file in the site's volume for backups is. */
export async function checkBackups(site: Site): Promise<Finding[]> {
  const { instance, view, signal } = site;
  const { engine, names, name } = instance;
  const serving = view.serving ?? view.servedUntilNow;
  // To mount what is not there would create it. Those of a site that was installed by hand are the house's.
  if (!serving || serving.bareMetal || !(await volumeExists(engine, names.backups))) return [];
  const newest = await withScratch(
    engine,
    name,
    {
      image: view.state.proxyImage,
      mounts: [{ volume: names.backups, path: paths.backups, readOnly: true }],
      capabilities: ["DAC_READ_SEARCH"],
    },
    signal,
    async (scratch) => await execute(engine, scratch, shellCommand(newestFile, paths.backups)),
  );
  const [, seconds, size, file] = /^([\d.]+) (\d+) (.+)$/s.exec(newest.stdout) ?? [];
  if (seconds === undefined || size === undefined || file === undefined) {
    return [warning("noBackup", {})];
  }
  const since = Math.max(0, Date.now() - Number(seconds) * 1000);
  return [
    since > oldBackupMs
      ? warning("backupOld", { file, since })
      : ok("backup", { file, since, bytes: Number(size) }),
  ];
}

/** How old the newest snapshot is, where the site takes any. */
export async function checkSnapshots({ instance, view, signal }: Site): Promise<Finding[]> {
  const policy = instance.configuration.backup.snapshots;
  const serving = view.serving ?? view.servedUntilNow;
  if (!policy || !serving || serving.bareMetal) return [];
  try {
    const [newest] = await snapshotsThere(instance, policy, signal);
    if (!newest) return [warning("noSnapshot", {})];
    const { name, takenAt, bytes } = newest;
    const since = Math.max(0, Date.now() - Date.parse(takenAt));
    if (since > oldBackupMs) return [warning("snapshotOld", { name, since })];
    return [ok("snapshot", { name, since, bytes })];
  } catch (error) {
    return [crash(error, "snapshots", "snapshots")];
  }
}
