import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { SnapshotPolicy } from "../config/configuration.ts";
import { environmentIn } from "../config/environment-file.ts";
import { paths } from "../instance/names.ts";

/** restic always wants one: with this a repository in a folder is as readable as the folder. */
const openPassword = "biomaid-updater";

/** What restic takes for the root of all files (images/snapshots/jailed.sh). */
const jail = "/jail";

/** By which name whoever is not in there with restic knows one of its files. */
export const outside = (path: string) => `${jail}${path}`;

/** Where a repository in a folder is for restic. */
export const repositoryFolder = "/repository";
/** In memory: nothing of it is in an image, a label or the container's variables. restic sees nothing of it. */
export const secretsFolder = paths.secrets;
/** In memory as well, for what restic has to read, and anybody may. */
export const givenFolder = "/run/given";

/** Files for the container: their paths, and what is in them. */
export async function secretsOf(
  policy: SnapshotPolicy,
  caBundle: string | undefined,
): Promise<readonly (readonly [string, Buffer | string])[]> {
  const { passwordFile, environmentFile, sshKey, knownHosts } = policy;
  const own = environmentFile ? environmentIn(await readFile(environmentFile, "utf8")) : [];
  const environment = [
    `RESTIC_REPOSITORY=${policy.place === "folder" ? repositoryFolder : policy.repository}`,
    "RESTIC_CACHE_DIR=/scratch",
    // Of its own accord it tells its progress sixty times a second.
    "RESTIC_PROGRESS_FPS=1",
    ...(own ?? []),
  ];
  const password = passwordFile === undefined ? openPassword : await readFile(passwordFile, "utf8");
  const optional = async (path: string, file: string | undefined) =>
    file === undefined ? [] : [[path, await readFile(file)] as const];
  return [
    [`${secretsFolder}/environment`, `${environment.join("\n")}\n`],
    // As restic reads one from a file.
    [`${secretsFolder}/password`, password.trim()],
    ...(await optional(`${secretsFolder}/ssh_key`, sshKey)),
    ...(await optional(outside(`${givenFolder}/known_hosts`), knownHosts)),
    ...(await optional(outside(`${givenFolder}/ca_bundle`), caBundle)),
  ];
}

/** Tells repositories apart without naming them. */
export function digestOf({ repository }: SnapshotPolicy): string {
  return createHash("sha256").update(repository).digest("hex").slice(0, 16);
}
