import { commands } from "./play.ts";
import { keepsItsPromises } from "./promises.ts";

keepsItsPromises({
  on: [commands.init, commands.swap],
  command: commands.rollback,
  from: 2,
  to: 1,
});
