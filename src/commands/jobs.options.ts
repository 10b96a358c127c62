import type { Command as Commander } from "commander";
import type { Catalogue } from "../text/catalogue.ts";
import type { Command } from "./command.ts";

type Help = Catalogue["cli"]["help"];

/** The commands of what the scheduler does. Each loads when it is chosen. */
export function addScheduling(
  { values, ...help }: Help,
  add: (name: "jobs" | "scheduled") => Commander,
  choose: (command: Command) => void,
): void {
  const under = (parent: Commander, usage: string, summary: string) =>
    parent.command(usage).summary(summary).description(summary);

  const scheduled = add("scheduled")
    .helpCommand(false)
    .action(async () => choose((await import("./scheduled.ts")).scheduledCommand));
  under(scheduled, `cancel [${values.id}]`, help.scheduledCancel).action(async (id?: string) =>
    choose((await import("./scheduled.ts")).cancelScheduledCommand(id)),
  );
  const jobs = add("jobs")
    .helpCommand(false)
    .action(async () => choose((await import("./jobs.ts")).jobsCommand));
  under(jobs, "start", help.jobsStart).action(async () =>
    choose((await import("./jobs.ts")).startJobsCommand),
  );
  under(jobs, "stop", help.jobsStop).action(async () =>
    choose((await import("./jobs.ts")).stopJobsCommand),
  );
  under(jobs, `run <${values.schedule}>`, help.jobsRun).action(async (kind: string) =>
    choose((await import("./jobs.ts")).runJobCommand(kind)),
  );
  under(jobs, "cancel", help.jobsCancel).action(async () =>
    choose((await import("./jobs.ts")).cancelJobCommand),
  );
  under(jobs, `log [${values.run}]`, help.jobsLog).action(async (run?: string) =>
    choose((await import("./jobs.ts")).jobLogCommand(run)),
  );
}
