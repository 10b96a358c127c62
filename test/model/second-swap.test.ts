import { commands } from "./play.ts";
import { keepsItsPromises } from "./promises.ts";

keepsItsPromises(
  { on: [commands.init, commands.swap], command: commands.swap, from: 2, to: 3 },
  { tags: ["long"] },
);
