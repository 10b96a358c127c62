import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { Failure } from "./failure.mjs";

const rememberedLines = 8;

/** Runs a command and gives back what it printed; its own words are the reason when it fails. */
export async function run(command, args, { cwd, env = process.env } = {}) {
  const child = spawn(command, args, { cwd, env, stdio: ["inherit", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => (output += text));
  }
  const status = await new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", resolve);
  });
  if (status !== 0) {
    const typed = [command, ...args].join(" ");
    throw new Failure("commandFailed", {
      command: typed,
      reason: tellingLines(output) || String(status),
    });
  }
  return output;
}

/** The same as root: directly, or through sudo. */
export async function runAsRoot(command, args) {
  if (process.getuid() === 0) return run(command, args);
  const typed = [command, ...args].join(" ");
  if (!onPath("sudo")) throw new Failure("needsRoot", { command: typed });
  return run("sudo", [...(process.stdin.isTTY ? [] : ["-n"]), command, ...args]);
}

/** Installs a Debian package with apt-get. */
export async function install(name, ...flags) {
  const apt = (...args) =>
    runAsRoot("env", ["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", ...args]);
  if (!onPath("apt-get")) throw new Failure("notDebian", { name });
  await apt("update");
  await apt("install", "-y", ...flags, name);
}

export function onPath(command, path = `${process.env.PATH}:/usr/sbin:/sbin`) {
  return path.split(delimiter).some((folder) => isExecutable(join(folder, command)));
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The lines that tell: the last ones, and the first too when there are many, as npm explains before its usage. */
export function tellingLines(text, count = rememberedLines) {
  const telling = text.split("\n").filter((line) => line.trim() && !/EBADENGINE/.test(line));
  if (telling.length <= 2 * count) return telling.join("\n");
  return [...telling.slice(0, count), "…", ...telling.slice(-count)].join("\n");
}
