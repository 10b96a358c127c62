import { buildRelease } from "../release/image.ts";
import type { Step } from "../runner/step.ts";
import { type NewReleaseContext, releaseImage } from "./context.ts";

/** Builds the image at the tag. It has no undo: an image is a cache, and the next try needs it. */
export const buildReleaseImage: Step<Pick<NewReleaseContext, "instance" | "release" | "outputs">> =
  {
    name: "build-image",
    async apply({ instance, release, outputs }, signal) {
      outputs.set(releaseImage, await buildRelease(instance, release, signal));
    },
  };
