import type { Command as Commander } from "commander";
import { type CommandLine, sentence } from "./command-line.ts";

/** A command below another. */
function addUnder(parent: Commander, usage: string, summary: string): Commander {
  return parent.helpCommand(false).command(usage).summary(summary).description(sentence(summary));
}

export function addSettings({ help, add, choose }: CommandLine): void {
  const { file } = help.values;
  const settings = add("settings");
  addUnder(settings, "diff <TAG>", help.settingsDiff).action(async (tag: string) =>
    choose((await import("./settings.ts")).diffSettingsCommand(tag)),
  );
  addUnder(settings, "edit", help.settingsEdit)
    .option("--instance-config", help.editInstanceConfig)
    .action(async (options: { instanceConfig?: true }) =>
      choose((await import("./settings-edit.ts")).editSettingsCommand(options)),
    );
  addUnder(settings, "check", help.settingsCheck)
    .option(`--settings <${file}>`, help.settingsFile)
    .option(`--instance-config <${file}>`, help.instanceConfigFile)
    .action(async (options: { settings?: string; instanceConfig?: string }) =>
      choose((await import("./settings.ts")).checkSettingsCommand(options)),
    );
}

export function addScheduled({ help, add, choose }: CommandLine): void {
  const scheduled = add("scheduled").action(async () =>
    choose((await import("./scheduled.ts")).scheduledCommand),
  );
  addUnder(scheduled, `cancel [${help.values.id}]`, help.scheduledCancel).action(
    async (id?: string) => choose((await import("./scheduled.ts")).cancelScheduledCommand(id)),
  );
}

export function addJobs({ help, add, choose }: CommandLine): void {
  const { run, schedule } = help.values;
  const jobs = add("jobs").action(async () => choose((await import("./jobs.ts")).jobsCommand));
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
