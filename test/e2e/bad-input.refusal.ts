import { join } from "node:path";
import { execa } from "execa";
import { clientOf, connectEngine } from "../../src/engine/connect.ts";
import type { ErrorCode, ExitCode } from "../../src/errors.ts";
import { pictureOf } from "../support/engine.ts";
import type { Site } from "../support/site.ts";

const command = join(import.meta.dirname, "../../bin/updater");

/** Something wrong that a person may type or configure, and what they must be told. */
export interface BadInput {
  readonly argv: readonly string[];
  /** Tables of updater.toml, over the usual ones. */
  readonly tables?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Makes the world bad; what it returns makes it good again. */
  readonly circumstances?: () => Promise<() => unknown>;
  readonly refusal: ErrorCode;
  /** 1: refused, nothing changed. 2: the command line or the configuration is wrong. */
  readonly exit: Extract<ExitCode, 1 | 2>;
  /** What must not be missing from the message, in either language. */
  readonly mentions?: readonly string[];
}

/** How the updater took it. */
export interface Reaction {
  /** Exit codes of the English and of the French run. */
  readonly exit: readonly unknown[];
  readonly refusal: string;
  /** What is said about production; nothing where the fault is in what was typed. */
  readonly production: string | undefined;
  /** What should have been said and was not, in either language. */
  readonly unsaid: readonly string[];
  /** What is for nobody to read: stack traces, names of things that are not there. */
  readonly unreadable: readonly string[];
  /** Of the instance and everything on the engine that has its name. */
  readonly changed: readonly string[];
}

interface Refused {
  readonly error: { readonly code: ErrorCode; readonly what: string; readonly next: string };
}

/** What a good refusal looks like. */
export function refusal({ refusal, exit }: BadInput): Reaction {
  const production = exit === 1 ? "this command has changed nothing." : undefined;
  return { exit: [exit, exit], refusal, production, unsaid: [], unreadable: [], changed: [] };
}

/** Runs the updater on bad input, in both languages and, where it is an operation, both ways to run one. */
export async function reactionTo(input: BadInput, site: Site): Promise<Reaction> {
  await site.configure(input.tables ?? {});
  const restore = await input.circumstances?.();
  try {
    const before = await pictureOf(site.instance);
    const english = await updater(site, input, "--lang", "en");
    const french = await updater(site, inForeground(input), "--lang", "fr", "--json");
    const after = await pictureOf(site.instance);
    const { error } = JSON.parse(french.stdout.trim().split("\n").at(-1) ?? "") as Refused;
    const [, what = "", production, next = ""] =
      /(?:^|\n)Error: (.+?)(?:\nProduction: (.+))?\nNext: (.+)$/s.exec(english.all) ?? [];
    const texts = { what, next, quoi: error.what === what ? "" : error.what, suite: error.next };
    const mentions = input.mentions ?? [];
    return {
      exit: [english.exitCode, french.exitCode],
      refusal: error.code,
      production,
      unsaid: [
        ...Object.entries(texts).flatMap(([part, text]) => (text === "" ? [part] : [])),
        ...mentions.filter((mention) => !(what + next).includes(mention)),
        ...mentions.filter((mention) => !(error.what + error.next).includes(mention)),
      ],
      unreadable: (english.all + french.all).match(/\n\s+at .*|undefined|\[object |NaN/g) ?? [],
      changed: [
        ...before.filter((line) => !after.includes(line)),
        ...after.filter((line) => !before.includes(line)),
      ],
    };
  } finally {
    await restore?.();
    await site.configure({});
  }
}

/** Puts an object that is not the updater's under a name; what it returns removes it. */
export async function foreign(kind: "volume" | "container" | "network", name: string) {
  const engine = await connectEngine();
  if (kind === "volume") {
    await clientOf(engine).createVolume({ Name: name });
    return async () => await clientOf(engine).getVolume(name).remove();
  }
  if (kind === "network") {
    const network = await clientOf(engine).createNetwork({ Name: name });
    return async () => await network.remove();
  }
  const container = await clientOf(engine).createContainer({
    name,
    Image: "biomaid-updater/base:12",
    Cmd: ["true"],
  });
  return async () => await container.remove();
}

const operations = ["init", "swap", "rollback", "prune", "restore", "backup", "rehearse"];

function inForeground({ argv, ...input }: BadInput): BadInput {
  const [command = "", ...words] = argv;
  const isOperation = operations.includes(command);
  return { ...input, argv: isOperation ? [command, "--foreground", ...words] : argv };
}

async function updater(site: Site, { argv, environment }: BadInput, ...options: string[]) {
  const configuration = join(site.folder, "updater.toml");
  return await execa(command, ["--config", configuration, ...options, ...argv], {
    reject: false,
    all: true,
    stdin: "ignore",
    cwd: site.folder,
    env: { ...environment },
  });
}
