import { basename, dirname } from "node:path";
import type { Shell } from "../engine/shell.ts";

/** The symlinks that decide what users reach, where every container of an instance sees them. */
export const pointers = {
  serving: "/run/biomaid/control/serving",
  static: "/run/biomaid/control/static",
} as const;

/** What `serving` names while requests are held. */
export const gateTarget = "../gate";

export interface PointOptions {
  /** Returns only once the new target would survive a power cut (default: true); costs an fsync. */
  readonly durable?: boolean;
}

/**
 * Turns a pointer in one rename(2): whoever looks sees the old target or the new one.
 * @param target relative to the pointer's folder
 */
export async function pointAt(
  shell: Shell,
  pointer: string,
  target: string,
  { durable = true }: PointOptions = {},
): Promise<void> {
  const folder = dirname(pointer);
  const next = `${folder}/.${basename(pointer)}.next`;
  await shell.run(
    [
      // -n: one that a killed updater left behind is replaced, not followed.
      `ln -sfn ${quote(target)} ${quote(next)}`,
      `mv -T ${quote(next)} ${quote(pointer)}`,
      ...(durable ? [`sync ${quote(folder)}`] : []),
    ].join(" && "),
  );
}

/** The target of a pointer; nothing when there is no such pointer yet. */
export async function readPointer(shell: Shell, pointer: string): Promise<string | undefined> {
  return (
    (await shell.run(`readlink ${quote(pointer)} || test ! -e ${quote(pointer)}`)) || undefined
  );
}

function quote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
