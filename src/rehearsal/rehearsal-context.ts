import type { ObservedMigration, Probed } from "../instance/application-answers.ts";
import { rehearsalNumber } from "../instance/names.ts";
import type { Generation } from "../instance/state.ts";
import type { Database } from "../postgres/connect.ts";
import type { TableComparison } from "../postgres/compare-data.ts";
import type { BrokenConstraint, SequenceReport } from "../postgres/consistency.ts";
import type { DroppedValues } from "../postgres/digest.ts";
import type { MappingFailure } from "../postgres/follow/mapping.ts";
import type { Schema } from "../postgres/schema.ts";
import type { ReleaseSource } from "../release/release.ts";
import type { OperationContext } from "../runner/context.ts";
import { refuseSmallDisk } from "../runner/preflight.ts";
import type { CopyContext } from "../steps/context.ts";
import type { StepName } from "../text/catalogue.ts";

/** Steps that try a release on a copy of the data. */
export interface RehearsalContext extends CopyContext {
  /** Leave it running, to be looked at. */
  readonly keep: boolean;
  readonly facts: RehearsalFacts;
  /** Connects to the database of an installation by hand, as that does. */
  readonly asSite?: (() => Promise<Database>) | undefined;
}

/** What the steps have found out so far: a release that fails leaves the rest unknown. */
export interface RehearsalFacts {
  /** When the copy was taken, up to where of the write-ahead log, and its bytes. */
  copy?: { readonly at: string; readonly position: string; readonly size: number };
  /** Schemas before, after the migrations, after the first boot. */
  before?: Schema;
  migrated?: Schema;
  booted?: Schema;
  /** As they ran, the one that failed too. */
  readonly migrations: ObservedMigration[];
  data?: readonly TableComparison[];
  droppedValues?: readonly DroppedValues[];
  mappingFailures?: readonly MappingFailure[];
  rows?: ReadonlyMap<number, number>;
  sequences?: readonly SequenceReport[];
  constraints?: readonly BrokenConstraint[];
  /** Pages of the serving version and of the release, on the same data. */
  asked?: ProbeResult;
  answered?: ProbeResult;
  /** Of a move: how many lines of each page differ from what the installation by hand shows. */
  differing?: readonly (readonly [
    Pick<ProbeResult["pages"][number], "page" | "signed_in">,
    number,
  ])[];
  /** Of a move, milliseconds: copying the database, and looking through media for what is new. */
  moving?: { readonly database: number; readonly media: number };
  /** Milliseconds of steps in which the release waited for a processor that users held. */
  waited?: Readonly<Partial<Record<StepName, number>>>;
  /** Bytes that the release's application and its database hold. */
  memory?: { readonly needed: number; readonly free: number };
  disk?: { readonly needed: number; readonly free: number };
  /** Port of 127.0.0.1 at which a kept rehearsal answers. */
  port?: number | undefined;
}

export interface ProbeResult {
  readonly user: string | null;
  readonly pages: readonly (Probed["pages"][number] & { readonly sqlErrors: readonly string[] })[];
}

/** For whatever is tried on a copy: a rehearsal, or the site's settings. */
export function rehearsalContext(
  operation: OperationContext,
  release: ReleaseSource,
  serving: Generation,
  {
    keep,
    databaseImage = serving.databaseImage,
    asSite,
  }: Pick<RehearsalContext, "keep" | "asSite"> & { readonly databaseImage?: string },
): RehearsalContext {
  const { instance, sessions } = operation;
  return {
    ...operation,
    release,
    serving,
    keep,
    asSite,
    candidate: {
      number: rehearsalNumber,
      slot: rehearsalNumber,
      databaseImage,
    },
    facts: { migrations: [] },
    room: {
      disk: async () => await refuseSmallDisk(instance, sessions, serving, "rehearse"),
      // It is measured, and said in the report.
      memory: () => Promise.resolve(),
    },
  };
}
