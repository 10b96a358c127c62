import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { hostBundle } from "./bundle.mjs";
import { Failure } from "./failure.mjs";
import { onPath, run } from "./run.mjs";

const stampName = ".biomaid-updater-stamp";

/** Brings the Node packages of package-lock.json and, through one of them, the Node to run with. */
export async function bringDependencies(root, report) {
  const modules = join(root, "node_modules");
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  const stamp = createHash("sha256").update(lock).update(process.arch).digest("hex");
  if (read(join(modules, stampName)) !== stamp) {
    const installed = read(join(modules, ".package-lock.json"));
    if (!installed || !satisfies(JSON.parse(installed), JSON.parse(lock))) {
      if (!onPath("npm")) throw new Failure("noNpm");
      const reason = existsSync(modules) ? "dependenciesDiffer" : "dependenciesMissing";
      await report(reason, {}, () => npmCi(root));
    }
    if (!(await bringsNode(root))) await report("runtimeMissing", {}, () => installRuntime(root));
    writeFileSync(join(modules, stampName), stamp);
  }
}

/** Whether an installed tree (npm's own record of it) holds exactly what the lock file asks for. */
export function satisfies(installed, lock) {
  const wanted = Object.entries(lock.packages).filter(([path]) => path !== "");
  const known = new Map(wanted);
  return (
    wanted.every(
      ([path, { version, optional }]) =>
        installed.packages[path]?.version === version || (optional && !installed.packages[path]),
    ) && Object.keys(installed.packages).every((path) => known.has(path))
  );
}

/** The environment without this project's own node_modules/.bin: npm must not run on the Node it is replacing. */
export function outsideProject(env, root) {
  const own = join(root, "node_modules", ".bin");
  const path = env.PATH.split(delimiter)
    .filter((folder) => folder !== own)
    .join(delimiter);
  return { ...env, PATH: path, NODE_EXTRA_CA_CERTS: env.NODE_EXTRA_CA_CERTS ?? hostBundle() ?? "" };
}

async function npmCi(root) {
  await run("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: root,
    env: outsideProject(process.env, root),
  });
}

async function bringsNode(root) {
  const wanted = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).dependencies.node;
  try {
    return (await run(join(root, "node_modules/.bin/node"), ["--version"])).trim() === `v${wanted}`;
  } catch {
    return false;
  }
}

/** npm can be told not to run install scripts, and newer ones hold them back: this one is asked for by name. */
async function installRuntime(root) {
  const flags = ["--ignore-scripts=false", "--dangerously-allow-all-scripts"];
  const env = outsideProject(process.env, root);
  await run("npm", ["rebuild", "node", ...flags], { cwd: root, env });
  if (!(await bringsNode(root))) throw new Failure("noRuntime");
}

function read(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
