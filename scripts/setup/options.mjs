import { Failure } from "./failure.mjs";

const parts = ["deps", "engine", "images"];

/** Reads the command line; anything unknown is refused before anything is done. */
export function parseOptions(args) {
  const options = { yes: false, offline: false, quiet: false, browser: false, only: parts };
  for (const arg of args) {
    if (arg === "--yes") options.yes = true;
    else if (arg === "--offline") options.offline = true;
    else if (arg === "--quiet") options.quiet = true;
    else if (arg === "--browser") options.browser = true;
    else if (arg.startsWith("--only=")) options.only = parseParts(arg);
    else throw new Failure("unknownOption", { option: arg });
  }
  return options;
}

function parseParts(arg) {
  const wanted = arg.slice("--only=".length).split(",");
  if (wanted.some((part) => !parts.includes(part)))
    throw new Failure("unknownOption", { option: arg });
  return parts.filter((part) => wanted.includes(part));
}

/** Whether the machine may be changed: `granted`, `ask` a person, or `refused` because nobody is there. */
export function consentOf({ yes }, env, isTerminal) {
  if (yes || env.CI === "true" || env.CI === "1") return "granted";
  return isTerminal ? "ask" : "refused";
}
