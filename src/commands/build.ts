import { buildRelease } from "../release/image.ts";
import { findRelease } from "../release/release.ts";
import { reportStep } from "../instance/events.ts";
import { type Command, openInstance } from "./command.ts";

export const buildCommand =
  (tag: string): Command =>
  async (environment) => {
    const { reporter, signal, catalogue } = environment;
    const instance = await openInstance(environment);
    const release = await findRelease(instance, tag, signal);
    const image = await reportStep(reporter, "build-image", async () =>
      buildRelease(instance, release, signal),
    );
    environment.print(catalogue.cli.built(tag, image), { type: "built", tag, image });
  };
