import { execute } from "../engine/exec.ts";
import { volumeExists } from "../engine/volumes.ts";
import {
  type KeptBackup,
  listBackupsCommand,
  listOthersCommand,
  type OtherFile,
  parseBackups,
  parseOthers,
} from "./backups.ts";
import type { Instance } from "../instance/instance.ts";
import { paths } from "../instance/names.ts";
import type { InstanceView } from "../instance/read-instance.ts";
import { withScratch } from "../engine/scratch-container.ts";

type Site = Pick<Instance, "engine" | "name" | "names">;
type View = Pick<InstanceView, "state">;

/** The updater's own backups in the site's volume for them, the newest first. It takes no lock. */
export async function listBackups(
  site: Site,
  view: View,
  signal: AbortSignal,
): Promise<KeptBackup[]> {
  return parseBackups(await printed(site, view, listBackupsCommand, signal), site.name);
}

/** What others have put there: at most `mostOthers`, the newest first. It takes no lock. */
export async function listOthers(
  site: Site,
  view: View,
  signal: AbortSignal,
): Promise<OtherFile[]> {
  return parseOthers(await printed(site, view, listOthersCommand, signal));
}

async function printed(
  { engine, name, names }: Site,
  { state }: View,
  command: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  // To mount what is not there would create it.
  if (!(await volumeExists(engine, names.backups))) return "";
  const spec = {
    image: state.proxyImage,
    mounts: [{ volume: names.backups, path: paths.backups, readOnly: true }],
    capabilities: ["DAC_READ_SEARCH"],
  };
  const { stdout } = await withScratch(engine, name, spec, signal, async (scratch) =>
    execute(engine, scratch, command),
  );
  return stdout;
}
