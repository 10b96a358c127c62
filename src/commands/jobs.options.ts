import { addUnder, type CommandLine } from "./command-line.ts";

export function addJobs({ help, add, choose }: CommandLine): void {
  const { run, schedule } = help.values;
  const jobs = add("jobs")
    .usage(help.programUsage)
    .action(async () => choose((await import("./jobs.ts")).jobsCommand));
  addUnder(jobs, "start", help.jobsStart).action(async () =>
    choose((await import("./jobs.ts")).startJobsCommand),
  );
  addUnder(jobs, "stop", help.jobsStop).action(async () =>
    choose((await import("./jobs.ts")).stopJobsCommand),
  );
  addUnder(jobs, `run <${schedule}>`, help.jobsRun).action(async (kind: string) =>
    choose((await import("./jobs.ts")).runJobCommand(kind)),
  );
  addUnder(jobs, "cancel", help.jobsCancel).action(async () =>
    choose((await import("./jobs.ts")).cancelJobCommand),
  );
  addUnder(jobs, `log [${run}]`, help.jobsLog).action(async (run?: string) =>
    choose((await import("./jobs.ts")).jobLogCommand(run)),
  );
}
