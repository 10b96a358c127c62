import { readFile, readlink } from "node:fs/promises";
import type { Engine } from "./connect.ts";
import { stateOf } from "./containers.ts";

/**
 * What a process writes on what it holds, by which others can tell whether it still lives: the container it runs in and
 * when that was started, or its number and when the kernel began it. An engine that is restarted while containers live
 * on may keep what hangs on a connection that has long ended.
 * @param container this process's own, where the engine can be asked about it
 */
export async function ownLife(engine: Engine, container: string | undefined): Promise<string> {
  const state = container === undefined ? undefined : await stateOf(engine, container);
  if (state) return `container ${state.id} ${state.startedAt}`;
  const began = await beginningOf(process.pid);
  return `process ${await pidNamespace()} ${process.pid} ${began ?? ""}`;
}

/** Whether a process that has written this is known to be dead; one that cannot be asked about lives. */
export async function hasEnded(engine: Engine, life: string | undefined): Promise<boolean> {
  const [kind, where = "", who = "", began] = (life ?? "").split(" ");
  if (kind === "container") {
    const state = await stateOf(engine, where);
    return state?.phase !== "active" || state.restarting || state.startedAt !== who;
  }
  if (kind !== "process" || where !== (await pidNamespace())) return false;
  return (await beginningOf(Number(who))) !== began;
}

/** Clock ticks from the machine's boot to when a process began; undefined when there is none of this number. */
async function beginningOf(pid: number): Promise<string | undefined> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // Its second field is its name, which may hold anything but ends with the last parenthesis.
  return line?.slice(line.lastIndexOf(")") + 2).split(" ")[19];
}

/** Numbers of processes mean the same within one. */
async function pidNamespace(): Promise<string> {
  return await readlink("/proc/self/ns/pid").catch(() => "");
}
