import { buildRelease } from "../release/image.ts";
import type { CandidateContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";

/** Builds the image at the tag. It has no undo: an image is a cache, and the next try needs it. */
export const buildReleaseImage: Step<CandidateContext> = {
  name: "build-image",
  async apply({ instance, release, candidate }, signal) {
    candidate.image = await buildRelease(instance, release, signal);
  },
};
