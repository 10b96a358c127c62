import { basename, dirname, join, matchesGlob, resolve } from "node:path";
import { readdir } from "node:fs/promises";
import { parse } from "ini";
import { readAs, userOf } from "../move-in/as-user.ts";
import { ancestorsOf, type Process } from "./processes.ts";

/** What starts an application of this machine. */
export type Service =
  | { readonly kind: "systemd"; readonly name: string }
  | { readonly kind: "supervisor"; readonly name: string; readonly file: string }
  | { readonly kind: "nothing" };

/** Where supervisord looks where it is not told. */
const usualFiles = ["/etc/supervisor/supervisord.conf", "/etc/supervisord.conf"];

/** @param sources the folder that the application runs in */
export async function serviceOf(
  application: Process,
  all: readonly Process[],
  sources: string,
  signal: AbortSignal,
): Promise<Service> {
  // Control groups of systemd are named after the unit, with what it would escape.
  const unit = /\/([^/\n]+\.service)$/m.exec(application.groups)?.[1];
  const supervisor = ancestorsOf(application, all).find(({ argv }) =>
    argv.some((word) => basename(word) === "supervisord"),
  );
  if (supervisor) {
    const program = await programOf(supervisor, sources, signal);
    if (program) return { kind: "supervisor", ...program };
  }
  return unit === undefined || /^(docker|ssh|cron|user@\d+)\b/.test(unit)
    ? { kind: "nothing" }
    : { kind: "systemd", name: unit.replaceAll(String.raw`\x2d`, "-") };
}

async function programOf({ argv, user }: Process, sources: string, signal: AbortSignal) {
  // As whoever it runs as: it may be the site's user, and its files anybody's.
  const owner = await userOf(user);
  const textOf = async (file: string) => await readAs(owner, file, signal);
  const told = argv.findIndex((word) => word === "-c" || word === "--configuration");
  for (const file of told === -1 ? usualFiles : [argv[told + 1] ?? ""]) {
    const text = await textOf(file);
    if (text === undefined) continue;
    const { include } = parse(text) as { include?: { files?: string } };
    const patterns = (include?.files ?? "").split(/\s+/).filter(Boolean);
    const included = patterns.map(async (pattern) => await glob(resolve(dirname(file), pattern)));
    for (const one of [file, ...(await Promise.all(included)).flat()]) {
      const name = programIn((await textOf(one)) ?? "", sources);
      if (name !== undefined) return { name, file: one };
    }
  }
  return undefined;
}

/** A program that runs in the site's sources, or something of them. */
function programIn(text: string, sources: string): string | undefined {
  const sections = Object.entries(parse(text));
  return sections
    .find(
      ([section, { directory, command }]) =>
        section.startsWith("program:") &&
        (resolve(String(directory)) === sources || String(command).includes(`${sources}/`)),
    )?.[0]
    .slice("program:".length);
}

/** Files of one folder. */
async function glob(pattern: string): Promise<string[]> {
  const folder = dirname(pattern);
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name)).filter((file) => matchesGlob(file, pattern));
}
