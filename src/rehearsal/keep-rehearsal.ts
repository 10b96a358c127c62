import { UpdaterError } from "../errors.ts";
import { buildEnvironmentOf } from "../build/build-environment.ts";
import { ensureOwnImage } from "../build/own-images.ts";
import { startRehearsalProxy } from "./rehearsal.ts";
import type { RehearsalContext } from "./rehearsal-context.ts";
import type { Step } from "../runner/step.ts";
import { catalogueOf } from "../text/catalogue.ts";

export const keepRehearsal: Step<RehearsalContext> = {
  name: "keep-rehearsal",

  async apply({ instance, language, release, facts }) {
    const { engine, configuration, reporter } = instance;
    const environment = await buildEnvironmentOf(configuration);
    const image = await ensureOwnImage(engine, "proxy", environment, reporter);
    const { banner } = catalogueOf(language).rehearse;
    try {
      facts.port = await startRehearsalProxy(instance, image, banner(release.tag));
    } catch (error) {
      const port = configuration.rehearse.keepPort;
      // The engine has no status code of its own for this.
      const taken = /port is already allocated|address already in use/i.test(String(error));
      if (port === undefined || !taken) throw error;
      throw new UpdaterError("rehearsalPortTaken", { port }, error);
    }
  },
};
