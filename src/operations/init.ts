import { buildReleaseImage } from "../steps/build-image.ts";
import { createDatabase, openProxy, openSite } from "../steps/init-instance.ts";
import { bootCandidate, migrateCandidate, probeCandidate } from "../steps/migrate-candidate.ts";
import { loadFixture, restoreDatabase } from "../backup/restore-dump.ts";
import { startCandidate } from "../steps/start-candidate.ts";
import type { InitContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";

/** The first generation of an instance, in order. */
export function initSteps({ dump }: Pick<InitContext, "dump">): readonly Step<InitContext>[] {
  return [
    openProxy,
    buildReleaseImage,
    createDatabase,
    ...(dump && dump.kind !== "fixture" ? [restoreDatabase] : []),
    startCandidate,
    migrateCandidate,
    ...(dump?.kind === "fixture" ? [loadFixture] : []),
    bootCandidate,
    probeCandidate,
    openSite,
  ];
}
