import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { abortable } from "../../src/lib/abortable.ts";

/** Milliseconds in which an engine tells how a container is. */
const answerLimitMs = 2_000;

/**
 * As `docker pause`: it neither answers nor dies. An engine that begins a program in it in that very moment waits for the
 * program for ever, and whoever asks about the container, or would wake it, waits for the engine: the program is let
 * begin, and then it is frozen.
 */
export async function freeze(container: Docker.Container): Promise<void> {
  const { State } = await container.inspect();
  await container.pause();
  const told = abortable(AbortSignal.timeout(answerLimitMs), container.inspect());
  if (await told.then(Boolean, () => false)) return;
  const freezer = await freezerOf(State.Pid);
  await freezer(false);
  await container.inspect();
  await freezer(true);
}

/** What freezes and thaws everything in the control group of a process, under the first hierarchy and the second. */
async function freezerOf(pid: number): Promise<(frozen: boolean) => Promise<void>> {
  const groups = await readFile(`/proc/${pid}/cgroup`, "utf8");
  const first = /^\d+:freezer:(.*)$/m.exec(groups)?.[1];
  if (first !== undefined) {
    const file = join("/sys/fs/cgroup/freezer", first, "freezer.state");
    return async (frozen) => await writeFile(file, frozen ? "FROZEN" : "THAWED");
  }
  const second = /^0::(.*)$/m.exec(groups)?.[1] ?? "";
  const file = join("/sys/fs/cgroup", second, "cgroup.freeze");
  return async (frozen) => await writeFile(file, frozen ? "1" : "0");
}
