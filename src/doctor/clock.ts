import { execa } from "execa";
import { describeEngine } from "../engine/describe.ts";
import { type Finding, ok, warning } from "./finding.ts";
import type { Machine } from "./check-context.ts";
import type { Answer } from "./reach.ts";

/** Seconds that two clocks may be apart: a Date header is cut to whole ones, and a question takes time. */
const tolerance = 5;

/** Compares this machine's clock with the engine's, and the engine's with servers of the outside. */
export async function checkClock(
  { engine }: Pick<Machine, "engine">,
  servers: Promise<readonly Answer[] | undefined>,
): Promise<Finding[]> {
  const before = Date.now();
  const { now } = await describeEngine(engine);
  const ahead = (now - (before + Date.now()) / 2) / 1000;
  // A network that cannot be asked is a finding of its own.
  const asked = (await servers.catch(() => undefined)) ?? [];
  return judgeClock({ engine: ahead, servers: asked, synchronised: await isSynchronised() });
}

/** @param engine seconds by which the engine's clock is ahead of this machine's */
export function judgeClock({
  engine,
  servers,
  synchronised,
}: {
  readonly engine: number;
  readonly servers: readonly Pick<Answer, "url" | "offset">[];
  /** Null when it cannot be told. */
  readonly synchronised: boolean | null;
}): Finding[] {
  // A cache may answer with a date of long ago: the one that agrees best is the one to believe.
  const [nearest] = servers
    .flatMap(({ url, offset }) =>
      offset === null ? [] : [{ against: new URL(url).host, apart: Math.abs(offset) }],
    )
    .toSorted((one, other) => one.apart - other.apart);
  const clocks = [
    { against: "Docker Engine", apart: Math.abs(engine) },
    ...(nearest ? [nearest] : []),
  ];
  const off = clocks
    .filter(({ apart }) => apart > tolerance)
    .map(({ against, apart }) => warning("clockOff", { seconds: Math.round(apart), against }));
  if (synchronised === false) off.push(warning("clockUnsynchronised", {}));
  if (off.length > 0) return off;
  return [ok("clock", { against: clocks.map(({ against }) => against), synchronised })];
}

async function isSynchronised(): Promise<boolean | null> {
  const asked = await execa("timedatectl", ["show", "--property=NTPSynchronized", "--value"], {
    reject: false,
    timeout: 3_000,
    stdin: "ignore",
  });
  if (asked.exitCode !== 0) return null;
  return asked.stdout.trim() === "yes";
}
