import { execa } from "execa";
import type { Configuration } from "../config/configuration.ts";
import { readUrl } from "../config/kept-url.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { sendMail } from "../messages/send-mail.ts";
import type { ScheduledSwap } from "./scheduled-swaps.ts";
import { readInstance } from "../instance/read-instance.ts";
import type { Catalogue } from "../text/catalogue.ts";
import { servingGeneration } from "../instance/serving.ts";
import { postJson } from "./webhook.ts";

/** Milliseconds a site's own program may take. */
const programLimitMs = 60_000;

/** What is told, and for whom. */
interface Report {
  readonly instance: Instance;
  readonly swap: ScheduledSwap;
  readonly text: string;
  readonly catalogue: Catalogue;
}

/**
 * Tells whom the site wants to be told how a scheduled swap ended: its program, its webhook, its people. None of
 * them can change the outcome, nor keep the others from being told.
 * @param limitMs milliseconds the program may take
 * @returns why it could not be told, for each that was not
 */
export async function notifyOutcome(
  report: Report,
  limitMs = programLimitMs,
): Promise<readonly string[]> {
  const { report: program, webhook, mail } = report.instance.configuration.scheduled;
  const told = await Promise.all([
    program === undefined ? undefined : runProgram(program, report, limitMs),
    webhook === undefined
      ? undefined
      : attempt("webhook", report, async () => post(webhook, report)),
    mail.length === 0 ? undefined : attempt("mail", report, async () => send(mail, report)),
  ]);
  return told.filter((reason) => reason !== undefined);
}

/** For people: what, when, how it ended, and the last words of the command. */
export function outcomeText(
  swap: ScheduledSwap,
  { scheduled }: Catalogue,
  { jobs }: Pick<Configuration, "jobs">,
): string {
  const first = scheduled.status(swap, jobs.timeZone);
  return swap.said === null ? first : `${first}\n${swap.said}`;
}

async function runProgram(
  program: string,
  { instance, swap, text }: Report,
  limitMs: number,
): Promise<string | undefined> {
  const result = await execa(program, [], {
    all: true,
    reject: false,
    stdin: "ignore",
    timeout: limitMs,
    // A child that holds its output open would keep the scheduler waiting.
    killDescendants: true,
    killSignal: "SIGKILL",
    env: {
      UPDATER_INSTANCE: instance.name,
      UPDATER_TO: swap.tag,
      UPDATER_AT: swap.at,
      UPDATER_OUTCOME: swap.state,
      UPDATER_TEXT: text,
      UPDATER_CONFIGURATION: instance.configuration.file,
      // Ours, for programs of ours.
      NODE_COMPILE_CACHE: undefined,
    },
  });
  const last = result.all.trim().split("\n").at(-1);
  return result.failed ? [result.shortMessage, last].filter(Boolean).join(": ") : undefined;
}

async function post(
  webhook: NonNullable<Configuration["scheduled"]["webhook"]>,
  { instance, swap, text }: Report,
): Promise<string | undefined> {
  const { id, choice, tag, at, state, exitCode, said } = swap;
  const known = { id, choice, tag, at, state, exitCode, said };
  const value = { type: "scheduled-swap", instance: instance.name, ...known, text };
  return await postJson(await readUrl(webhook), value, instance.configuration);
}

async function send(
  addresses: readonly string[],
  { instance, swap, text, catalogue: { scheduled } }: Report,
): Promise<string | undefined> {
  const serving = servingGeneration(await readInstance(instance.engine, instance.name));
  const subject = scheduled.subject(instance.name, swap);
  const mail = { groups: [], addresses, subject, text: `${text}\n` };
  const { refused } = await sendMail(instance, serving.number, mail);
  return refused === 0 ? undefined : scheduled.refused(refused);
}

async function attempt(
  way: string,
  { catalogue }: Report,
  tell: () => Promise<string | undefined>,
): Promise<string | undefined> {
  try {
    const reason = await tell();
    return reason && `${way}: ${reason}`;
  } catch (error) {
    const ours = error instanceof UpdaterError ? error.describe(catalogue).what : undefined;
    return `${way}: ${ours ?? messageOf(error)}`;
  }
}
