import { exit } from "../errors.ts";
import { buildRelease } from "../operations/build.ts";
import { findRelease } from "../operations/release.ts";
import { type Command, openInstance } from "./command.ts";

export const buildCommand =
  (tag: string): Command =>
  async (environment) => {
    const { reporter, signal, catalogue } = environment;
    const instance = await openInstance(environment);
    const release = await findRelease(instance.configuration, tag, signal);
    const startedAt = performance.now();
    const took = () => performance.now() - startedAt;
    reporter.event({ type: "step-started", step: "build-image" });
    try {
      const image = await buildRelease(instance, release, signal);
      reporter.event({ type: "step-finished", step: "build-image", milliseconds: took() });
      environment.print(catalogue.cli.built(tag, image), { type: "built", tag, image });
      return exit.done;
    } catch (error) {
      reporter.event({ type: "step-failed", step: "build-image", milliseconds: took() });
      throw error;
    }
  };
