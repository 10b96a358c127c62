import { resolve } from "node:path";
import type { Process } from "./processes.ts";

/** Where an application listens. */
export type Bind =
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "port"; readonly host: string; readonly port: number };

/** A gunicorn that runs BiomAid, as it was started. */
export interface Gunicorn {
  readonly process: Process;
  /** BiomAid's sources: the folder it runs in. */
  readonly sources: string;
  /** The Python it runs with. */
  readonly python: string;
  readonly workers: number;
  readonly binds: readonly Bind[];
}

/** What gunicorn does where it is not told. */
const usual = { bind: "127.0.0.1:8000", workers: 1 } as const;

/** Gunicorns that run BiomAid: the first process of each, which has the others. */
export function findGunicorns(processes: readonly Process[]): readonly Gunicorn[] {
  const ofBiomaid = processes.filter(isGunicorn);
  const pids = new Set(ofBiomaid.map(({ pid }) => pid));
  return ofBiomaid.flatMap((process) => {
    const [python, , ...options] = process.argv;
    // Workers are children of the first, with the same words.
    if (pids.has(process.parent) || python === undefined || process.folder === undefined) return [];
    const { folder: sources } = process;
    const binds = valuesOf(options, "-b", "--bind");
    return [
      {
        process,
        sources,
        python: resolve(sources, python),
        workers: Number(valuesOf(options, "-w", "--workers").at(-1) ?? usual.workers),
        binds: (binds.length > 0 ? binds : [usual.bind]).map((bind) => parseBind(bind, sources)),
      },
    ];
  });
}

/** A script's interpreter comes first in what the kernel tells of it. */
function isGunicorn({ argv }: Process): boolean {
  return (argv[1] ?? "").endsWith("/gunicorn") && argv.some((word) => /^dra\.wsgi(:|$)/.test(word));
}

/** Values of an option, however they are written: `-b X`, `-bX`, `--bind X`, `--bind=X`. */
function valuesOf(words: readonly string[], short: string, long: string): string[] {
  return words.flatMap((word, index) => {
    if (word === short || word === long) return words[index + 1] ?? [];
    if (word.startsWith(`${long}=`)) return word.slice(long.length + 1);
    return word.startsWith(short) && !word.startsWith("--") ? word.slice(short.length) : [];
  });
}

/** @param folder paths are relative to it */
export function parseBind(text: string, folder: string): Bind {
  if (text.startsWith("unix:")) {
    return { kind: "socket", path: resolve(folder, text.replace(/^unix:(\/\/)?/, "")) };
  }
  const [, host = "", port = "8000"] = /^(.*?)(?::(\d+))?$/.exec(text) ?? [];
  return { kind: "port", host: host.replace(/^\[|\]$/g, "") || "0.0.0.0", port: Number(port) };
}
