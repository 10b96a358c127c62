import { join } from "node:path";
import { expect } from "vitest";
import type { BareMetal } from "./bare-metal.ts";
import type { LedgerEntry, LookUp } from "./ledger.ts";
import type { Site } from "./site.ts";
import { entriesOf } from "./traces.ts";
import { describe as told, type Users, type Work } from "./users.ts";

/** A machine with a site that was installed by hand, and the updater's folder for it. */
interface Place {
  readonly site: Pick<Site, "folder">;
  readonly machine: BareMetal;
}

/** Options that say where the updater's configuration for it is. */
export const configured = ({ site }: Pick<Place, "site">) => [
  "--config",
  join(site.folder, "updater.toml"),
];

/** The updater as it is typed on that machine, and the last value it printed. */
export async function typedOn(place: Place, ...argv: readonly string[]) {
  const said = await place.machine.updater("--json", ...configured(place), ...argv);
  const lines = said.output.trim().split("\n");
  return { ...said, last: JSON.parse(lines.at(-1) ?? "{}") };
}

/** Writes in the database of the machine, asked there. */
export function writtenOn(machine: BareMetal): LookUp {
  return async (prefix) => {
    const { output } = await machine.shell(`
      setpriv --reuid=postgres --regid=postgres --init-groups \\
        psql -XAtq biomaid -c "SELECT coalesce(json_agg(json_strip_nulls(row_to_json(e))), '[]') FROM (${entriesOf(prefix)}) AS e"`);
    return JSON.parse(output) as LedgerEntry[];
  };
}

/**
 * Does something while users work. No request of theirs may fail, and each write is there once.
 * @param serving looks it up, at whoever serves then
 */
export async function underLoad(
  users: Users,
  serving: () => LookUp,
  act: (work: Work) => Promise<void>,
): Promise<void> {
  const work = await users.work();
  let report;
  try {
    await act(work);
    await work.everythingIsAnswered();
  } finally {
    report = await work.stop();
  }
  expect(report.failed, told(report)).toBe(0);
  const found = await work.ledger.verify(serving());
  expect(found).toMatchObject({ missing: [], duplicated: [], altered: [], unknown: [] });
  expect(found.acknowledged).toBeGreaterThan(0);
}
