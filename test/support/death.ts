import { join } from "node:path";
import { execa } from "execa";
import type { Site } from "./site.ts";

const updaterThatDies = join(import.meta.dirname, "dying-updater.ts");

/** When the updater dies. */
export interface Death {
  /** The moment of a step: `step-started:fence`; the start of the command when absent. */
  readonly at?: string;
  /** Milliseconds after it. */
  readonly after?: number;
}

/** Runs the updater of a site until it dies; returns whether it did before its end. */
export async function dies(
  site: Pick<Site, "folder">,
  { at, after }: Death,
  ...argv: readonly string[]
): Promise<boolean> {
  const configuration = join(site.folder, "updater.toml");
  const { signal, exitCode, all } = await execa(
    process.execPath,
    [updaterThatDies, "--config", configuration, ...argv],
    {
      reject: false,
      all: true,
      stdin: "ignore",
      env: {
        LC_ALL: "C",
        ...(at !== undefined && { DIE_AT: at }),
        ...(after !== undefined && { DIE_AFTER: String(after) }),
      },
    },
  );
  if (signal === "SIGKILL") return true;
  if (exitCode === 0) return false;
  throw new Error(`the updater was to die, and ended with ${exitCode}: ${all}`);
}
