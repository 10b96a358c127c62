import { endingText, play, type Played, type Scenario } from "./history.ts";
import { type Fault, faultsOf, type World } from "./world.ts";

/** What has been played of a scenario. */
export interface Explored {
  readonly histories: number;
  /** Of those that broke a promise, the first of each kind. */
  readonly broken: readonly string[];
}

/** Every fault at every effect after `begin` of a history that was played without it. */
function* faultsAfter(trace: World["trace"], begin: number): Generator<Fault> {
  for (const [index, { kind: effect }] of trace.entries()) {
    if (index + 1 <= begin) continue;
    for (const kind of faultsOf[effect]) yield { at: index + 1, kind };
  }
}

/**
 * Plays a scenario with each fault, and with pairs of faults: the second one comes at any effect that follows the first,
 * also while that is being undone or recovered from.
 * @param every of the pairs, only one of so many is played
 */
export async function explore(scenario: Scenario, every: number): Promise<Explored> {
  const broken = new Map<string, string>();
  let histories = 0;
  let pair = 0;
  const see = async (faults: readonly Fault[]): Promise<Played> => {
    const played = await play(scenario, faults);
    histories++;
    for (const promise of played.broken) {
      if (!broken.has(promise)) broken.set(promise, told(promise, played));
    }
    return played;
  };
  const undisturbed = await see([]);
  for (const first of faultsAfter(undisturbed.trace, 0)) {
    const { trace } = await see([first]);
    for (const second of faultsAfter(trace, first.at)) {
      if (pair++ % every === 0) await see([first, second]);
    }
  }
  return { histories, broken: [...broken.values()] };
}

function told(promise: string, { faults, trace, endings }: Played): string {
  const where = faults.map(({ at, kind }) => `${at} ${kind}: ${trace[at - 1]?.name}`);
  return [promise, ...where, `→ ${endings.map(endingText).join(" → ")}`].join("\n    ");
}
