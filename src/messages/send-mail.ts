import { readFile } from "node:fs/promises";
import { z } from "zod";
import { abortable } from "../lib/abortable.ts";
import { linesOf } from "../lib/lines.ts";
import { timeLimit } from "../lib/time-limit.ts";
import { openSession } from "../engine/exec.ts";
import { UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";

/** Milliseconds for each address: BiomAid takes seconds to load, a mail server as long as it likes. */
const answerLimitMs = 120_000;

/** Milliseconds for all of them, however busily an application tells of more. */
const wholeLimitMs = 3_600_000;

const sent = z.object({ sent: z.number(), refused: z.number(), unknown: z.array(z.string()) });
const progress = z.object({ mailed: z.number() });
const answers = z.union([sent, progress, z.object({ error: z.string() })]);

export interface Mail {
  /** Names of Django groups, whose active members get it. */
  readonly groups: readonly string[];
  readonly addresses: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/**
 * Mails through a generation's application, with the site's own settings.
 * @returns how many addresses were mailed, how many the mail server refused, and which groups there are not
 * @throws Error with the application's own words, UpdaterError `applicationSilent`
 */
export async function sendMail(
  { engine, names }: Pick<Instance, "engine" | "names">,
  generation: number,
  mail: Mail,
  signal?: AbortSignal,
): Promise<z.infer<typeof sent>> {
  const program = await readFile(new URL("./mail.py", import.meta.url), "utf8");
  const command = ["python", "-c", program];
  const container = names.application(generation);
  const session = await openSession(engine, container, command);
  session.stdin.write(`${JSON.stringify(mail)}\n`);
  const late = (limitMs: number) => {
    const silent = { container, asked: "mail", seconds: limitMs / 1000 };
    return timeLimit(limitMs, () => new UpdaterError("applicationSilent", silent));
  };
  const whole = [late(wholeLimitMs), ...(signal ? [signal] : [])];
  try {
    // Whoever has its user's rights can write into both.
    const [said, trouble] = [linesOf(session.stdout), linesOf(session.stderr)];
    for (;;) {
      const limit = AbortSignal.any([late(answerLimitMs), ...whole]);
      const { value: line } = await abortable(limit, said.next());
      // Without a word of its own it could not even begin.
      if (line === undefined) {
        throw new Error((await abortable(limit, Array.fromAsync(trouble))).at(-1));
      }
      const answer = answers.parse(JSON.parse(line));
      if ("error" in answer) throw new Error(answer.error);
      if ("sent" in answer) return answer;
    }
  } finally {
    session.stdin.destroy();
  }
}
