import { backupFaults } from "./backups.ts";
import { containerKills } from "./container-kills.ts";
import { disturbanceFaults } from "./disturbances.ts";
import { engineFaults } from "./engine-faults.ts";
import { failingReleases } from "./failing-releases.ts";
import type { Fault } from "./fault.ts";
import { followerFaults } from "./follower.ts";
import { hazardFaults } from "./hazards.ts";
import { interruptions } from "./interruptions.ts";
import { jobFaults } from "./jobs.ts";
import { keptGenerationFaults } from "./kept-generation.ts";
import { kills } from "./kills.ts";
import { operatorKills } from "./operator-kills.ts";
import { storeFaults } from "./stores.ts";

/** The fault matrix. */
export const faults: readonly Fault[] = [
  ...interruptions,
  ...kills,
  ...operatorKills,
  ...containerKills,
  ...disturbanceFaults,
  ...keptGenerationFaults,
  ...followerFaults,
  ...backupFaults,
  ...storeFaults,
  ...engineFaults,
  ...jobFaults,
  ...failingReleases,
  ...hazardFaults,
];
