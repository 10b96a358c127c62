import { readFileSync } from "node:fs";

/** A shell script that stands beside a module; what it works on it gets as positional arguments. */
export function scriptBeside(moduleUrl: string, file: string): string {
  return readFileSync(new URL(file, moduleUrl), "utf8");
}

/** The command of a container that runs a script. */
export function shellCommand(script: string, ...args: readonly string[]): string[] {
  return ["/bin/sh", "-c", script, "sh", ...args];
}
