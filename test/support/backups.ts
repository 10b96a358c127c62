import type { Backups } from "../../src/backup/backups.ts";
import { asRoot } from "./engine.ts";
import type { Site } from "./site.ts";

/** What `backups` lists. */
export async function backupsOf(site: Site): Promise<Backups & { exitCode: number | undefined }> {
  const { stdout, exitCode } = await site.run("--json", "backups");
  return { exitCode, ...(JSON.parse(stdout) as Backups) };
}

/** Runs a shell command in the updater's folder among the backups of a site, as somebody who may do anything. */
export async function inBackupFolder({ instance }: Site, command: string): Promise<string> {
  return await asRoot(instance, `biomaid-${instance}-backups`, `cd updater && ${command}`);
}

/** Files in its backup folder that are no backup of which the updater knows. */
export async function draftsOf(site: Site): Promise<string[]> {
  const files = await inBackupFolder(site, "ls -A | grep -v manifest$ || true");
  const names = (await backupsOf(site)).backups.map(({ name }) => name);
  return files.split("\n").filter((file) => file !== "" && !names.includes(file));
}
