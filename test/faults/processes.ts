import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";

const setUp = join(import.meta.dirname, "..", "..", "scripts/setup.mjs");

/** Ends this machine's engine, as its service does; returns once it is gone. */
export async function stopEngine(): Promise<void> {
  const [engine] = await pidsOf(/^dockerd\0?/);
  if (engine === undefined) throw new Error("the engine is not a process of this machine");
  process.kill(engine, "SIGTERM");
  while ((await pidsOf(/^dockerd\0?/)).length > 0) await delay(50);
}

/** Starts it; returns once it answers. */
export async function startEngine(): Promise<void> {
  await execa(process.execPath, [setUp, "--only=engine"], { env: { CI: "true" }, stdin: "ignore" });
}

/** Processes whose command line matches; its words end with NUL. */
export async function pidsOf(command: RegExp): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      // Empty for one that has died and waits to be noticed.
      const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return command.test(line) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}
