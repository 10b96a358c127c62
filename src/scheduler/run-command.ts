import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { json } from "../lib/json.ts";
import type { CommandResult } from "../scheduled/advance-scheduled-swap.ts";
import type { RehearsalReport } from "../rehearsal/report/model.ts";
import { summaryOf } from "../rehearsal/report/summary.ts";
import type { Catalogue } from "../text/catalogue.ts";

/** What of a command's last words is kept, characters. */
const longestWords = 2_000;

/** The last line of a command with `--json`, of which this much matters. */
const ending = z.object({
  exitCode: z.int(),
  from: z.string().nullish(),
  to: z.string().optional(),
  error: z.object({ code: z.string(), what: z.string(), next: z.string() }).nullish(),
  production: z.string().optional(),
  report: z.custom<RehearsalReport>().optional(),
});

/**
 * Runs the updater's own command to its end, as a person would type it: an operation runs in an operator, which
 * outlives us.
 */
export async function runUpdater(
  file: string,
  argv: readonly string[],
  catalogue: Catalogue,
): Promise<CommandResult> {
  const program = join(import.meta.dirname, "..", "cli", "main.ts");
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [program, "--config", file, "--json", ...argv],
    // What it holds hangs on its own life, and not on ours; it is not told to end when we are.
    { reject: false, stdin: "ignore", cleanup: false, env: { UPDATER_SCHEDULER: undefined } },
  );
  const parsed = json(ending).safeParse(stdout.trim().split("\n").at(-1));
  if (!parsed.success) {
    // Killed, or broken.
    return { exitCode: exitCode ?? 4, text: stderr.slice(-longestWords), busy: false };
  }
  const text = wordsOf(parsed.data, catalogue).slice(0, longestWords);
  return { exitCode: parsed.data.exitCode, text, busy: parsed.data.error?.code === "locked" };
}

function wordsOf(
  { error, production, report, from, to = "" }: z.infer<typeof ending>,
  catalogue: Catalogue,
): string {
  const { cli } = catalogue;
  if (error) {
    const state = production === undefined ? [] : [`${cli.stateLabel}${production}`];
    return [`${cli.errorLabel}${error.what}`, ...state, `${cli.nextLabel}${error.next}`].join("\n");
  }
  if (report) return summaryOf(report, catalogue);
  return from === to || !from ? cli.done.renewed(to) : cli.done.swap(to, from);
}
