import { adoption } from "./adoption.ts";
import { backups } from "./backups.ts";
import { cli } from "./cli.ts";
import { configuration } from "./configuration.ts";
import { doctor } from "./doctor.ts";
import { engine } from "./engine.ts";
import { jobs } from "./jobs.ts";
import { news } from "./news.ts";
import { operations } from "./operations.ts";
import { plan } from "./plan.ts";
import { proxy } from "./proxy.ts";
import { rehearse } from "./rehearse.ts";
import { report } from "./report.ts";
import { scheduled } from "./scheduled.ts";
import { settings } from "./settings.ts";
import { source } from "./source.ts";
import { standIn } from "./stand-in.ts";
import { waits } from "./waits.ts";

/** Every English text a person reads; each domain has its file. */
export const en = {
  errors: {
    ...adoption.errors,
    ...backups.errors,
    ...cli.errors,
    ...configuration.errors,
    ...engine.errors,
    ...jobs.errors,
    ...operations.errors,
    ...proxy.errors,
    ...rehearse.errors,
    ...scheduled.errors,
    ...settings.errors,
    ...source.errors,
    ...standIn.errors,
    ...waits.errors,
  },
  adoption,
  cli,
  jobs,
  scheduled,
  steps: operations.steps,
  notes: operations.notes,
  rehearse,
  settings,
  standIn,
  waiting: waits.waiting,
  plan,
  doctor,
  gate: proxy.gate,
  mail: proxy.mail,
  news,
  report,
};
