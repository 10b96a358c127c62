import { access, constants, lstat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { messageOf, UpdaterError } from "../errors.ts";

/**
 * Looks, before what may take half an hour, whether a report can be written.
 * @throws UpdaterError `reportUnwritable`
 */
export async function refuseUnwritable(file: string): Promise<void> {
  try {
    await access(dirname(resolve(file)), constants.W_OK);
    const there = await lstat(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    if (there && !there.isFile()) throw new Error(`EEXIST: not a plain file, '${file}'`);
    if (there) await access(file, constants.W_OK);
  } catch (error) {
    throw new UpdaterError("reportUnwritable", { file, reason: messageOf(error) }, error);
  }
}

/**
 * Writes it, and follows no link that somebody has put there meanwhile.
 * @throws UpdaterError `reportUnwritable`
 */
export async function writeReport(file: string, html: string): Promise<void> {
  const { O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
  try {
    await writeFile(file, html, { flag: O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW });
  } catch (error) {
    throw new UpdaterError("reportUnwritable", { file, reason: messageOf(error) }, error);
  }
}
