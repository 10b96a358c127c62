import { commands } from "./play.ts";
import { keepsItsPromises } from "./promises.ts";

keepsItsPromises({ on: [commands.init], command: commands.swap, from: 1, to: 2 });
