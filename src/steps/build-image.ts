import { buildRelease } from "../operations/build.ts";
import type { CandidateContext } from "../operations/context.ts";
import type { Step } from "../operations/step.ts";

/** Builds the image at the tag. It has no undo: an image is a cache, and the next try needs it. */
export const buildReleaseImage: Step<CandidateContext> = {
  name: "build-image",
  async apply({ instance, release, candidate }, signal) {
    candidate.image = await buildRelease(instance, release, signal);
  },
};
