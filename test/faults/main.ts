import { appendFile, readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { messageOf } from "../../src/errors.ts";
import { abortable } from "../../src/lib/abortable.ts";
import { faults as matrix } from "./all.ts";
import type { Fault } from "./fault.ts";
import { diskFaults } from "./full-disks.ts";
import { moveFaults, startMoving } from "./moves.ts";
import { onSmallEngine } from "./small-engine.ts";
import { Scene } from "../support/scene.ts";

const usage = `npm run test:faults -- [--only TEXT] [--one-each] [--sites N] [--list] [--resume FILE] [--json]

  --only TEXT    the faults whose class or name holds this text
  --one-each     the first of each class
  --sites N      so many sites are at it side by side; three, unless this says
                 otherwise
  --list         names them, and does nothing
  --resume FILE  write each verdict there, and leave out the faults that passed before
  --json         one JSON object a fault instead of a line`;

/** All in all: they take one of two processors. */
const users = 20;

/** How one fault ended. */
interface Verdict {
  readonly class: string;
  readonly name: string;
  readonly passed: boolean;
  readonly problems: readonly string[];
  readonly seconds: number;
  /** It goes on, and its site is of no use any more. */
  readonly hangs: boolean;
}

/** Milliseconds; the longest takes four minutes. */
const faultLimitMs = 15 * 60_000;

process.exit(await main(process.argv.slice(2)));

async function main(argv: readonly string[]): Promise<number> {
  const options = optionsOf(argv);
  if (!options) {
    console.error(usage);
    return 2;
  }
  const sites = Number(options.sites);
  if (!Number.isInteger(sites) || sites < 1) {
    console.error(`--sites is a number of sites, and not “${options.sites}”.`);
    return 2;
  }
  const before = options.resume === undefined ? [] : await verdictsIn(options.resume);
  const passed = new Set(before.filter((verdict) => verdict.passed).map(({ name }) => name));
  const classes = new Set<string>();
  const isAsked = (one: { class: string; name: string }) => {
    const isNamed = `${one.class}: ${one.name}`.includes(options.only) && !passed.has(one.name);
    if (!isNamed || (options["one-each"] && classes.has(one.class))) return false;
    classes.add(one.class);
    return true;
  };
  const faults = matrix.filter(isAsked);
  const onSmallDisk = diskFaults.filter(isAsked);
  const moves = moveFaults.filter(isAsked);
  const all = faults.length + onSmallDisk.length + moves.length;
  if (options.list) {
    for (const one of [...faults, ...moves, ...onSmallDisk])
      console.log(`${one.class}: ${one.name}`);
    return 0;
  }
  if (all === 0) {
    console.error(`No fault is left with “${options.only}”; --list names them all.`);
    return 2;
  }
  if (passed.size > 0) console.error(`${passed.size} faults passed before.`);
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => interrupt.abort());
  }
  let failed = 0;
  let done = 0;
  async function judge<Place>(some: Iterable<Fault<Place>>, place: Place): Promise<void> {
    for (const fault of some) {
      if (interrupt.signal.aborted) return;
      const verdict = await verdictOn(fault, place);
      // Whoever was interrupted over it has found nothing out.
      if (interrupt.signal.aborted) return;
      done += 1;
      if (!verdict.passed) failed += 1;
      console.log(options?.json ? JSON.stringify(verdict) : lineOf(verdict, done, all));
      if (options?.resume !== undefined) {
        await appendFile(options.resume, `${JSON.stringify(verdict)}\n`);
      }
      if (verdict.hangs) return;
    }
  }
  if (faults.length > 0) {
    const { besides = [], alone = [] } = Object.groupBy(faults, (fault) =>
      fault.alone ? "alone" : "besides",
    );
    const scenes: Scene[] = [];
    try {
      // One after the other: the first builds what the next takes from the cache.
      for (const number of Array.from({ length: sites }, (_, index) => index + 1)) {
        scenes.push(await Scene.init(`faults-${number}`, { users: Math.ceil(users / sites) }));
      }
      // Each takes the next that nobody has taken.
      const queue = besides.values();
      await Promise.all(scenes.map(async (scene) => await judge(queue, scene)));
      for (const scene of scenes.slice(0, 1)) await judge(alone, scene);
    } finally {
      await Promise.all(scenes.map(async ({ site }) => await site.remove()));
    }
  }
  if (moves.length > 0 && !interrupt.signal.aborted) {
    const moving = await startMoving("faults-moving");
    try {
      await judge(moves, moving);
    } finally {
      await moving.remove();
    }
  }
  if (onSmallDisk.length > 0 && !interrupt.signal.aborted) {
    await onSmallEngine(async (engine) => await judge(onSmallDisk, engine));
  }
  if (interrupt.signal.aborted) return 130;
  console.error(`${done - failed} of ${all} faults survived.`);
  return done - failed === all ? 0 : 1;
}

async function verdictOn<Place>(fault: Fault<Place>, place: Place): Promise<Verdict> {
  const began = performance.now();
  const limit = AbortSignal.timeout(faultLimitMs);
  let problems: readonly string[];
  try {
    problems = await abortable(limit, fault.run(place));
  } catch (error) {
    problems = [limit.aborted ? "it hangs; nothing more is tried on its site" : messageOf(error)];
  }
  return {
    class: fault.class,
    name: fault.name,
    passed: problems.length === 0,
    problems,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    hangs: limit.aborted,
  };
}

function lineOf(
  { class: kind, name, passed, problems, seconds }: Verdict,
  done: number,
  of: number,
) {
  const line = `${passed ? "✓" : "✗"} ${String(done).padStart(String(of).length)}/${of}  ${kind}: ${name}  ${seconds} s`;
  return [line, ...problems.map((problem) => `    ${problem}`)].join("\n");
}

async function verdictsIn(file: string): Promise<Verdict[]> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Verdict);
}

function optionsOf(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        only: { type: "string", default: "" },
        "one-each": { type: "boolean", default: false },
        sites: { type: "string", default: "3" },
        list: { type: "boolean", default: false },
        resume: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    return values;
  } catch {
    return undefined;
  }
}
