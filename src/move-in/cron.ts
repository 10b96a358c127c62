import { execa } from "execa";
import { messageOf, UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import type { BareMetal, Generation } from "../instance/state.ts";
import type { OperationContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";
import { jobLines } from "./crontab.ts";

/** What a line begins with that is not to run for the time being. */
const markOf = ({ name }: Pick<Instance, "name">) => `# updater ${name}: `;

type Site = Pick<Instance, "name" | "reporter">;

/** Lines of the site's crontab that run its jobs: in front of a database that is closed they could only fail. */
export const pauseCron: Step<
  Pick<OperationContext, "instance"> & { readonly serving: Pick<Generation, "bareMetal"> }
> = {
  name: "pause-cron",

  async apply({ instance, serving }) {
    const mark = markOf(instance);
    await changeCrontab(instance, serving.bareMetal, (text) => {
      const jobs = new Set(jobLines("", text, false).map(({ line }) => line));
      const lines = text.split("\n");
      return lines.map((line, index) => (jobs.has(index + 1) ? mark + line : line)).join("\n");
    });
  },
};

export const resumeCron: Step<
  Pick<OperationContext, "instance"> & { readonly previous: Pick<Generation, "bareMetal"> }
> = {
  name: "resume-cron",

  async apply({ instance, previous }) {
    await giveCronBack(instance, previous.bareMetal);
  },
};

/** Safe to repeat, and where nothing was paused. */
export async function giveCronBack(
  instance: Site,
  bareMetal: BareMetal | undefined,
): Promise<void> {
  const mark = markOf(instance);
  await changeCrontab(instance, bareMetal, (text) => {
    const lines = text.split("\n");
    return lines.map((line) => (line.startsWith(mark) ? line.slice(mark.length) : line)).join("\n");
  });
}

/** Lines that a move has commented out, as somebody would look for them. */
export async function pausedLines(instance: Site, bareMetal: BareMetal): Promise<string[]> {
  const found = await crontabOf(bareMetal).catch(() => undefined);
  const lines = found?.text.split("\n") ?? [];
  return lines
    .filter((line) => line.startsWith(markOf(instance)))
    .map((line) => `crontab -u ${found?.user}: ${line}`);
}

/** @returns nothing of who has none, or no cron */
async function crontabOf({ socket }: BareMetal) {
  const { stdout: entry } = await execa("getent", ["passwd", String(socket.user)]);
  const [user = ""] = entry.split(":");
  const options = { reject: false, stripFinalNewline: false } as const;
  const listed = await execa("crontab", ["-u", user, "-l"], options);
  return listed.exitCode === 0 ? { user, text: listed.stdout } : undefined;
}

/** Changes the crontab of the user as whom gunicorn runs. Where that fails, it is said what is to be done by hand. */
async function changeCrontab(
  { reporter }: Site,
  bareMetal: BareMetal | undefined,
  edit: (text: string) => string,
): Promise<void> {
  if (!bareMetal) return;
  try {
    const found = await crontabOf(bareMetal);
    if (!found) return;
    const { user, text } = found;
    const edited = edit(text);
    if (edited !== text) await execa("crontab", ["-u", user, "-"], { input: edited });
  } catch (cause) {
    const error = new UpdaterError("cronNotChanged", { reason: messageOf(cause) }, cause);
    reporter.event({ type: "warning", error });
  }
}
