// `npm run demo`: sets up what is missing, then shows the main job on Node 24, which the set-up brings.
// Runs on any Node from 20 on, before a single dependency is there.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { languageOf } from "./setup/text.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const texts = {
  en: {
    usage: `npm run demo                creates a small BiomAid, updates it and takes it back while people use it
npm run demo -- --down      removes every trace of it
Options: --yes installs what is missing without asking · --offline uses no image registry`,
    unknown: (option) => `✗ Unknown option: ${option}`,
  },
  fr: {
    usage: `npm run demo                crée un petit BiomAid, le met à jour et revient en arrière pendant qu’on s’en sert
npm run demo -- --down      en efface toute trace
Options : --yes installe sans demander ce qui manque · --offline se passe de registre d’images`,
    unknown: (option) => `✗ Option inconnue : ${option}`,
  },
};

process.exitCode = await main(process.argv.slice(2), texts[languageOf(process.env)]);

async function main(args, text) {
  const unknown = args.find((arg) => !["--yes", "--offline", "--down", "--help"].includes(arg));
  if (unknown !== undefined) {
    process.stderr.write(`${text.unknown(unknown)}\n${text.usage}\n`);
    return 2;
  }
  if (args.includes("--help")) {
    process.stdout.write(`${text.usage}\n`);
    return 0;
  }
  const down = args.includes("--down");
  const flags = args.filter((arg) => arg !== "--down");
  // Taking it away installs no engine: without one there is nothing to take away.
  const setup = [join(root, "scripts/setup.mjs"), ...flags, ...(down ? ["--only=deps"] : [])];
  const ended = await run(process.execPath, setup);
  if (ended !== 0) return ended;
  const node = join(root, "node_modules/.bin/node");
  return await run(node, [join(root, "test/demo/main.ts"), ...(down ? ["--down"] : [])]);
}

/** Runs a program on this terminal; it decides what Ctrl-C means. */
async function run(command, args) {
  const child = spawn(command, args, { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const pass = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, pass);
  const status = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 130));
  });
  for (const signal of signals) process.off(signal, pass);
  return status;
}
