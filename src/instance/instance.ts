import type { Configuration } from "../config/configuration.ts";
import type { Engine } from "../engine/connect.ts";
import type { Reporter } from "./events.ts";
import { type Names, namesOf } from "./names.ts";

/** One BiomAid site on one engine, and where to report. */
export interface Instance {
  readonly name: string;
  readonly configuration: Configuration;
  readonly engine: Engine;
  readonly names: Names;
  readonly reporter: Reporter;
}

export function instanceOf(
  configuration: Configuration,
  engine: Engine,
  reporter: Reporter,
): Instance {
  const name = configuration.instance;
  return { name, configuration, engine, names: namesOf(name), reporter };
}
