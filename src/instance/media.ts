import type { Shell } from "../engine/shell.ts";
import { scriptBeside } from "../lib/script.ts";
import { paths } from "./names.ts";

const script = scriptBeside(import.meta.url, "media.sh");

/** A function of the script, which says how a copy of a generation's media is kept. */
async function media(
  shell: Shell,
  command: string,
  generation: number,
  from?: number,
): Promise<string> {
  const numbers = [generation, ...(from === undefined ? [] : [from])];
  return await shell.run(script, command, paths.media, ...numbers.map(String));
}

/**
 * Copies the media as links, or as reflinks where the file system has them: either takes no room. Whatever was
 * kept for this generation before goes. Users may be at work: what comes later is for `completeMediaCopy`.
 */
export async function copyMedia(shell: Shell, generation: number): Promise<void> {
  await removeMediaCopy(shell, generation);
  await media(shell, "begin", generation);
  await completeMediaCopy(shell, generation);
}

/** Adds what has come since `copyMedia`. */
export async function completeMediaCopy(shell: Shell, generation: number): Promise<void> {
  await media(shell, "complete", generation);
}

/**
 * Makes room for the media of another day, in the form of a copy of a generation's.
 * @returns an empty folder beside it, for what they come out of
 */
export async function prepareForeignMedia(shell: Shell, generation: number): Promise<string> {
  await removeMediaCopy(shell, generation);
  await media(shell, "begin_foreign", generation);
  return `${paths.media}/.updater/g${generation}.unpacked`;
}

/** Takes the media out of that folder: they are whole. */
export async function acceptForeignMedia(shell: Shell, generation: number): Promise<void> {
  await media(shell, "accept_foreign", generation);
}

/** Lets what `restoreMedia` kept for a generation that is left be compared and put back like any copy. */
export async function keepReplacedMedia(
  shell: Shell,
  generation: number,
  from: number,
): Promise<void> {
  await media(shell, "keep_replaced", generation, from);
}

/** Notes what of a copy is gone from the media or was changed since. */
export async function compareMedia(shell: Shell, generation: number): Promise<void> {
  await media(shell, "compare", generation);
}

/** Undoes `compareMedia`. */
export async function forgetComparison(shell: Shell, generation: number): Promise<void> {
  await media(shell, "forget_comparison", generation);
}

/**
 * Puts back what `compareMedia` noted.
 * @param from the generation that serves until now: what is changed back is kept for it
 */
export async function restoreMedia(shell: Shell, generation: number, from: number): Promise<void> {
  await media(shell, "restore", generation, from);
}

/** Undoes `restoreMedia`, from wherever it stopped. */
export async function removeRestoredMedia(
  shell: Shell,
  generation: number,
  from: number,
): Promise<void> {
  await media(shell, "remove_restored", generation, from);
}

/** Whether media are kept for a generation. */
export async function hasMediaCopy(shell: Shell, generation: number): Promise<boolean> {
  return (await media(shell, "exists", generation)) !== "";
}

/** Forgets what was kept for a generation; safe to repeat. */
export async function removeMediaCopy(shell: Shell, generation: number): Promise<void> {
  await media(shell, "remove", generation);
}
