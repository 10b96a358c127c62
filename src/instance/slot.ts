import type { Shell } from "../engine/shell.ts";
import { scriptBeside, shellCommand } from "../lib/script.ts";
import { paths, slotCount } from "./names.ts";
import { users } from "./users.ts";

export const slots = Array.from({ length: slotCount }, (_, index) => index + 1);

const ownScript = scriptBeside(import.meta.url, "own-slots.sh");
const script = scriptBeside(import.meta.url, "prepare-slot.sh");
const holdBackScript = scriptBeside(import.meta.url, "hold-back.sh");
const owner = String(users.application);

/** Keeps applications from replacing what is not theirs in their slots, those of earlier updaters included. */
export async function ownSlots(shell: Shell): Promise<void> {
  await shell.run(ownScript, owner, ...slots.map(paths.slot));
}

/**
 * Empties a slot for an application that is to wait there before it boots.
 * @param slot path of it
 */
export async function prepareSlot(shell: Shell, slot: string): Promise<void> {
  await shell.run(script, slot, owner);
}

/** The same as the command of a container. */
export function prepareSlotCommand(slot: string): string[] {
  return shellCommand(script, slot, owner);
}

/** Lets the application of a slot, which is stopped, wait before it boots when it is started again. */
export async function holdBack(shell: Shell, slot: string): Promise<void> {
  await shell.run(holdBackScript, slot, owner);
}

export async function emptySlot(shell: Shell, slot: string): Promise<void> {
  await shell.run('find "$1" -mindepth 1 -delete', slot);
}
