import type { Shell } from "../engine/shell.ts";
import { scriptBeside } from "../lib/script.ts";

const script = scriptBeside(import.meta.url, "point.sh");

/** The symlinks that decide what users reach, where every container of an instance sees them. */
export const pointers = {
  serving: "/run/biomaid/control/serving",
  static: "/run/biomaid/control/static",
} as const;

/** What `serving` names while requests are held. */
export const gateTarget = "../gate";

/**
 * Turns a pointer in one rename(2): a reader sees the old target or the new one.
 * @param target relative to the pointer's folder
 * @param options.durable return only once the new target would survive a power cut; costs an fsync
 */
export async function pointAt(
  shell: Shell,
  pointer: string,
  target: string,
  { durable = true } = {},
): Promise<void> {
  await shell.run(script, pointer, target, durable ? "durable" : "fast");
}

/** The target of a pointer; nothing when there is no such pointer yet. */
export async function readPointer(shell: Shell, pointer: string): Promise<string | undefined> {
  return (await shell.run('readlink "$1" || test ! -e "$1"', pointer)) || undefined;
}
