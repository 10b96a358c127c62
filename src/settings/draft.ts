import { constants } from "node:fs";
import { access, chmod, chown, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join, parse } from "node:path";
import { messageOf, UpdaterError } from "../errors.ts";

/** A file that is being edited beside the one whose place it is to take. */
export interface Draft {
  readonly file: string;
  readonly path: string;
  /** What the file holds. */
  readonly original: Buffer;
  /** Left by an edit that was not finished. */
  readonly found: boolean;
}

/**
 * A copy of a file, beside it, for the same eyes only; or the one that an earlier edit has left.
 * @throws UpdaterError `settingsUnwritable` when it could not take the file's place
 */
export async function openDraft(link: string): Promise<Draft> {
  const file = await realpath(link);
  const { dir, name, ext } = parse(file);
  const path = join(dir, `${name}.edited${ext}`);
  try {
    await access(dir, constants.W_OK);
    const original = await readFile(file);
    const found = await isThere(path);
    if (!found) {
      await using draft = await open(path, "wx", 0o600);
      await draft.writeFile(original);
      await takeAfter(file, path).catch(async (error: unknown) => {
        await rm(path);
        throw error;
      });
    }
    return { file, path, original, found };
  } catch (thrown) {
    throw new UpdaterError("settingsUnwritable", { file, reason: messageOf(thrown) }, thrown);
  }
}

/**
 * Puts a draft in the place of its file: a power cut leaves the one or the other.
 * @throws UpdaterError `settingsChangedMeanwhile`
 */
export async function placeDraft({ file, path, original }: Draft): Promise<void> {
  if (!(await readFile(file)).equals(original)) {
    throw new UpdaterError("settingsChangedMeanwhile", { file, draft: path });
  }
  // Many an editor writes a file of its own in the place of the one it was given.
  await takeAfter(file, path);
  await sync(path);
  await rename(path, file);
  await sync(dirname(file));
}

async function takeAfter(file: string, path: string): Promise<void> {
  const { mode, uid, gid } = await stat(file);
  await chown(path, uid, gid);
  await chmod(path, mode & 0o7777);
}

async function sync(path: string): Promise<void> {
  await using handle = await open(path, "r");
  await handle.sync();
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
