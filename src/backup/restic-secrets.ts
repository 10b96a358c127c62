import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { SnapshotPolicy } from "../config/configuration.ts";
import { environmentIn } from "../config/environment-file.ts";
import { paths } from "../instance/names.ts";

/** restic always wants one: with this a repository in a folder is as readable as the folder. */
const openPassword = "biomaid-updater";

/** Where a repository in a folder is in the container. */
export const repositoryFolder = "/repository";
/** In memory: nothing of it is in an image, a label or the container's variables. */
export const secretsFolder = paths.secrets;

/** Files for the container, by their names there. */
export async function secretsOf(
  policy: SnapshotPolicy,
  caBundle: string | undefined,
): Promise<readonly (readonly [string, Buffer | string])[]> {
  const { passwordFile, environmentFile, sshKey, knownHosts } = policy;
  const own = environmentFile ? environmentIn(await readFile(environmentFile, "utf8")) : [];
  const environment = [
    `RESTIC_REPOSITORY=${policy.place === "folder" ? repositoryFolder : policy.repository}`,
    `RESTIC_PASSWORD_FILE=${secretsFolder}/password`,
    "RESTIC_CACHE_DIR=/scratch",
    // Of its own accord it tells its progress sixty times a second.
    "RESTIC_PROGRESS_FPS=1",
    ...(own ?? []),
  ];
  const optional = async (name: string, file: string | undefined) =>
    file === undefined ? [] : [[name, await readFile(file)] as const];
  return [
    ["environment", `${environment.join("\n")}\n`],
    ["password", passwordFile === undefined ? openPassword : await readFile(passwordFile)],
    ...(await optional("ssh_key", sshKey)),
    ...(await optional("known_hosts", knownHosts)),
    ...(await optional("ca_bundle", caBundle)),
  ];
}

/** Tells repositories apart without naming them. */
export function digestOf({ repository }: SnapshotPolicy): string {
  return createHash("sha256").update(repository).digest("hex").slice(0, 16);
}
