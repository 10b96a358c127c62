import { createHash, randomUUID } from "node:crypto";
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

/**
 * Where a repository in a folder is for restic: another place each time. Without a password of the site's anybody could open it
 * who comes by its files, and no link can lead there.
 */
export const newRepositoryFolder = () => `/repository-${randomUUID()}`;
/** In memory: nothing of it is in an image, a label or the container's variables. restic sees nothing of it. */
export const secretsFolder = paths.secrets;
/** In memory as well, for what restic has to read, and anybody may. */
export const givenFolder = "/run/given";

/**
 * Files for the container: their paths, and what is in them.
 * @param repositoryFolder where a repository in a folder is
 */
export async function secretsOf(
  policy: SnapshotPolicy,
  repositoryFolder: string,
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
  const password = passwordFile === undefined ? openPassword : await passwordIn(passwordFile);
  const optional = async (path: string, file: string | undefined) =>
    file === undefined ? [] : [[path, await readFile(file)] as const];
  return [
    [`${secretsFolder}/environment`, `${environment.join("\n")}\n`],
    [`${secretsFolder}/password`, password],
    ...(await optional(`${secretsFolder}/ssh_key`, sshKey)),
    ...(await optional(outside(`${givenFolder}/known_hosts`), knownHosts)),
    ...(await optional(outside(`${givenFolder}/ca_bundle`), caBundle)),
  ];
}

/** As restic reads one from a file: bytes as they are, without white space around them; a mark at their beginning says UTF-16. */
async function passwordIn(file: string): Promise<Buffer> {
  const content = await readFile(file);
  const mark = content.subarray(0, 2).toString("hex");
  const encoding = { fffe: "utf-16le", feff: "utf-16be" }[mark];
  const read = encoding ? Buffer.from(new TextDecoder(encoding).decode(content)) : content;
  const text = read.toString("latin1").replace(/^\xef\xbb\xbf/, "");
  return Buffer.from(text.replaceAll(/^[\t-\r ]+|[\t-\r ]+$/g, ""), "latin1");
}

/** Tells repositories apart without naming them. */
export function digestOf({ repository }: SnapshotPolicy): string {
  return createHash("sha256").update(repository).digest("hex").slice(0, 16);
}
