import type { ObservedMigration, Probed } from "../instance/application.ts";
import type { MappingFailure } from "../postgres/follow/mapping.ts";
import type { DataComparison, DroppedValues } from "../postgres/digest.ts";
import type { Schema } from "../postgres/schema.ts";
import type { BrokenConstraint, SequenceReport } from "./report/model.ts";
import type { StepName } from "../text/catalogue.ts";
import type { CopyContext } from "../runner/context.ts";

/** Steps that try a release on a copy of the data. */
export interface RehearsalContext extends CopyContext {
  /** Leave it running, to be looked at. */
  readonly keep: boolean;
  readonly facts: RehearsalFacts;
}

/** What the steps have found out so far: a release that fails leaves the rest unknown. */
export interface RehearsalFacts {
  /** When the copy was taken, up to where of the write-ahead log, and its bytes. */
  copiedAt: string;
  position: string;
  size: number;
  /** Schemas before, after the migrations, after the first boot. */
  before?: Schema;
  migrated?: Schema;
  booted?: Schema;
  readonly migrations: ObservedMigration[];
  data?: DataComparison;
  droppedValues: readonly DroppedValues[];
  mappingFailures: readonly MappingFailure[];
  rows?: ReadonlyMap<number, number>;
  sequences: readonly SequenceReport[];
  constraints: readonly BrokenConstraint[];
  /** Pages of the serving version and of the release, on the same data. */
  asked?: Asked;
  answered?: Asked;
  /** Milliseconds of steps in which the release waited for a processor that users held. */
  waited: Readonly<Partial<Record<StepName, number>>>;
  /** Bytes that the release's application and its database hold. */
  memory: { needed: number; free: number };
  disk: { needed: number; free: number };
  /** Port of 127.0.0.1 at which a kept rehearsal answers. */
  port?: number | undefined;
}

export interface Asked {
  readonly user: string | null;
  readonly pages: readonly (Probed["pages"][number] & { readonly sqlErrors: readonly string[] })[];
}

export function noFacts(): RehearsalFacts {
  return {
    copiedAt: "",
    position: "",
    size: 0,
    migrations: [],
    droppedValues: [],
    mappingFailures: [],
    sequences: [],
    constraints: [],
    waited: {},
    memory: { needed: 0, free: 0 },
    disk: { needed: 0, free: 0 },
  };
}
