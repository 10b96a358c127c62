import type { GenerationParts } from "../instance/containers.ts";
import type { Generation } from "../instance/state.ts";
import type { Schema } from "../postgres/schema.ts";
import type { ReleaseSource } from "../release/release.ts";
import type { OperationContext } from "../runner/context.ts";
import { output } from "../runner/outputs.ts";

/** The image that the release was built as, by the step that builds. */
export const releaseImage = output<string>("the release's image");

/** Tables of the serving version, as its clone has them. */
export const servedSchema = output<Schema>("the serving version's schema");

/** Steps that make a release answer, whether it is new here or comes back. */
export interface ReleaseContext extends OperationContext {
  readonly release: Pick<ReleaseSource, "tag">;
  readonly candidate: Pick<GenerationParts, "number">;
}

/** Steps that move users from one generation to another. */
export interface SwitchContext extends OperationContext {
  /** Whom users reach until the commit. */
  readonly serving: Generation;
  /** Whom they reach after it. */
  readonly target: Pick<GenerationParts, "number" | "slot">;
}

/** Steps about a new generation beside the serving one, or where there is none yet, once it is made or to be unmade. */
export interface CandidateContext extends ReleaseContext {
  readonly candidate: Omit<GenerationParts, "image">;
  readonly serving: Generation | undefined;
}

/** Steps that make one. */
export interface NewReleaseContext extends CandidateContext {
  readonly release: ReleaseSource;
}

/** Steps that put a release on a copy of the serving database. */
export interface CopyContext extends NewReleaseContext {
  readonly serving: Generation;
  /** Asked again right before the room is taken: what was free before a build may be gone. */
  readonly room: Room;
}

/** @throws UpdaterError when there is too little of it */
export interface Room {
  readonly disk: () => Promise<void>;
  readonly memory: () => Promise<void>;
}

/** What the candidate's containers are made from, once its image is built. */
export function candidateParts({
  candidate,
  outputs,
}: Pick<NewReleaseContext, "candidate" | "outputs">): GenerationParts {
  return { ...candidate, image: outputs.get(releaseImage) };
}
