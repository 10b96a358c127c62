import { addUnder, type CommandLine } from "./command-line.ts";

export function addJobs({ help, add, choose }: CommandLine): void {
  const { run, schedule } = help.values;
  const jobs = add("jobs")
    .usage(help.programUsage)
    .action(() => choose(async () => (await import("./jobs.ts")).jobsCommand));
  addUnder(jobs, "start", help.jobsStart).action(() =>
    choose(async () => (await import("./jobs.ts")).startJobsCommand),
  );
  addUnder(jobs, "stop", help.jobsStop).action(() =>
    choose(async () => (await import("./jobs.ts")).stopJobsCommand),
  );
  addUnder(jobs, `run <${schedule}>`, help.jobsRun).action((kind: string) =>
    choose(async () => (await import("./jobs.ts")).runJobCommand(kind)),
  );
  addUnder(jobs, "cancel", help.jobsCancel).action(() =>
    choose(async () => (await import("./jobs.ts")).cancelJobCommand),
  );
  addUnder(jobs, `log [${run}]`, help.jobsLog).action((run?: string) =>
    choose(async () => (await import("./jobs.ts")).jobLogCommand(run)),
  );
}
