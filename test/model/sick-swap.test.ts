import { commands } from "./play.ts";
import { keepsItsPromises } from "./promises.ts";

/** To a version that fails its probation: the updater goes back by itself. */
keepsItsPromises(
  { on: [commands.init], command: commands.swap, from: 1, to: 2, sick: 2 },
  { tags: ["long"] },
);
