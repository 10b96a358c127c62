import type { z } from "zod";
import type { schema } from "./schema.ts";
import type { Immutable } from "./values.ts";

export type { BuildSettings } from "./build-settings.ts";
export type { KeptUrl } from "./kept-url.ts";

/** A validated `updater.toml`: defaults filled, paths absolute. Holds no secret. */
export interface Configuration extends Immutable<z.output<typeof schema>> {
  /** The file it was read from. */
  readonly file: string;
  /** What was written there. */
  readonly text: string;
}

export type SnapshotPolicy = NonNullable<Configuration["backup"]["snapshots"]>;
