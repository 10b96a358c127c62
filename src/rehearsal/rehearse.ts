import { buildReleaseImage } from "../steps/build-image.ts";
import { cloneDatabase } from "../steps/clone-database.ts";
import { publishChanges } from "../reverse-replication/publish-changes.ts";
import { keepRehearsal, removeRehearsal } from "./keep-rehearsal.ts";
import { bootCandidate } from "../steps/migrate-candidate.ts";
import { catchUpCandidate, promoteCandidate } from "../steps/fence-and-promote.ts";
import { clearRehearsal, detachCopy, sanitizeCopy } from "./rehearse-copy.ts";
import { compareBooted, compareMigrated, measureData } from "./rehearse-data.ts";
import {
  askServing,
  measureNeeds,
  migrateRehearsed,
  probeRehearsed,
  startRehearsed,
} from "./rehearse-release.ts";
import type { RehearsalContext } from "./rehearsal-context.ts";
import type { Step } from "../runner/step.ts";

/** A rehearsal, in order: what a swap does, on a copy nobody reaches, with a look around after each part. */
export function rehearsalSteps({
  instance,
  keep,
}: Pick<RehearsalContext, "instance" | "keep">): readonly Step<RehearsalContext>[] {
  return [
    clearRehearsal,
    buildReleaseImage,
    cloneDatabase,
    catchUpCandidate,
    promoteCandidate,
    detachCopy,
    ...(instance.configuration.rehearse.sanitize === undefined ? [] : [sanitizeCopy]),
    askServing,
    measureData,
    startRehearsed,
    migrateRehearsed,
    compareMigrated,
    bootCandidate,
    compareBooted,
    probeRehearsed,
    publishChanges,
    measureNeeds,
    keep ? keepRehearsal : removeRehearsal,
  ];
}
