import { commands } from "./play.ts";
import { keepsItsPromises } from "./promises.ts";

keepsItsPromises({ on: [], command: commands.init, from: undefined, to: 1 });
