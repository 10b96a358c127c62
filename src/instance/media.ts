import type { Shell } from "../engine/shell.ts";
import { abortable } from "../lib/abortable.ts";
import { scriptBeside } from "../lib/script.ts";
import type { Control } from "./instance-lock.ts";
import { paths } from "./names.ts";

const script = scriptBeside(import.meta.url, "media.sh");

type MediaCommand =
  | "take"
  | "add_new"
  | "begin_foreign"
  | "accept_foreign"
  | "keep_replaced"
  | "compare"
  | "compare_content"
  | "forget_comparison"
  | "restore"
  | "remove_restored"
  | "exists"
  | "remove";

/**
 * Does something with the copy of a generation's media: media.sh says what.
 * @param from the generation that serves until now, for which files that are replaced are kept
 * @returns what it prints
 */
export async function mediaCopy(
  shell: Shell,
  command: MediaCommand,
  generation: number,
  from?: number,
): Promise<string> {
  const numbers = from === undefined ? [generation] : [generation, from];
  return await shell.run(script, command, paths.media, ...numbers.map(String));
}

/**
 * The same, for what reads all media, which may take minutes: interrupted it ends with its shell, so that what undoes it does
 * not wait for its turn there.
 */
export async function mediaCopyUnlessInterrupted(
  control: Pick<Control, "media" | "endMediaShell">,
  command: MediaCommand,
  generation: number,
  signal: AbortSignal,
): Promise<void> {
  const shell = await control.media();
  try {
    await abortable(signal, mediaCopy(shell, command, generation));
  } catch (error) {
    if (signal.aborted) await control.endMediaShell();
    throw error;
  }
}

export async function hasMediaCopy(shell: Shell, generation: number): Promise<boolean> {
  return (await mediaCopy(shell, "exists", generation)) !== "";
}

/** Safe to repeat. A container for the media is started only where there is something to remove. */
export async function removeMediaCopy(
  { shell, media }: Pick<Control, "shell" | "media">,
  generation: number,
): Promise<void> {
  if (await hasMediaCopy(shell, generation)) await mediaCopy(await media(), "remove", generation);
}
