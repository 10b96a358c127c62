import { commands } from "./play.ts";
import { keepsItsPromises } from "./promises.ts";

keepsItsPromises({ on: [commands.init], command: commands.rehearse, from: 1, to: 1 });
