import { execute } from "../engine/exec.ts";
import { volumeExists } from "../engine/volumes.ts";
import { type Backups, listBackupsCommand, parseBackups } from "./backups.ts";
import type { Instance } from "../instance/instance.ts";
import { paths } from "../instance/names.ts";
import type { InstanceView } from "../instance/read-instance.ts";
import { withScratch } from "../engine/scratch-container.ts";

/** What there is in the site's volume for backups. It takes no lock. */
export async function listBackups(
  { engine, name, names }: Pick<Instance, "engine" | "name" | "names">,
  { state }: Pick<InstanceView, "state">,
  signal: AbortSignal,
): Promise<Backups> {
  // To mount what is not there would create it.
  if (!(await volumeExists(engine, names.backups))) return { backups: [], others: [] };
  const spec = {
    image: state.proxyImage,
    mounts: [{ volume: names.backups, path: paths.backups, readOnly: true }],
    capabilities: ["DAC_READ_SEARCH"],
  };
  const { stdout } = await withScratch(engine, name, spec, signal, async (scratch) =>
    execute(engine, scratch, listBackupsCommand),
  );
  return parseBackups(stdout, name);
}
