import { connectEngine } from "../../src/engine/connect.ts";
import { execute } from "../../src/engine/exec.ts";
import type { Backups } from "../../src/backup/backups.ts";
import { withScratch } from "../../src/engine/scratch-container.ts";
import type { Site } from "./site.ts";

/** What `backups` lists. */
export async function backupsOf(site: Site): Promise<Backups & { exitCode: number | undefined }> {
  const { stdout, exitCode } = await site.updater("--json", "backups");
  return { exitCode, ...(JSON.parse(stdout) as Backups) };
}

/** Runs a shell command in the updater's folder among the backups of a site, as somebody who may do anything. */
export async function inBackupFolder({ instance }: Site, command: string): Promise<string> {
  const engine = await connectEngine();
  const spec = {
    image: "biomaid-updater/base:12",
    mounts: [{ volume: `biomaid-${instance}-backups`, path: "/srv/backups" }],
    capabilities: ["DAC_OVERRIDE"],
  };
  const limit = AbortSignal.timeout(60_000);
  return await withScratch(engine, instance, spec, limit, async (container) => {
    const script = `cd /srv/backups/updater && ${command}`;
    const { status, stdout, stderr } = await execute(engine, container, ["sh", "-c", script]);
    if (status !== 0) throw new Error(stderr);
    return stdout;
  });
}
