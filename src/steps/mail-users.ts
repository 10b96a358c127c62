import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { abortable } from "../abortable.ts";
import { openSession } from "../engine/exec.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import type { OperationContext, SwapContext } from "../operations/context.ts";
import type { Step } from "../operations/step.ts";
import { catalogueOf } from "../text/catalogue.ts";
import { filled } from "../text/template.ts";

/** Milliseconds: BiomAid takes seconds to load, a mail server as long as it likes. */
const patience = 120_000;

const answers = z.union([
  z.object({ sent: z.number(), refused: z.number(), unknown: z.array(z.string()) }),
  z.object({ error: z.string() }),
]);

/** When users are mailed, and which application does it: the one they reach then. */
const before: Step<SwapContext> = {
  name: "mail-before",
  once: true,
  apply: async (context, signal) => await mail(context, "before", context.serving.number, signal),
};

const after: Step<SwapContext> = {
  name: "mail-after",
  once: true,
  // Too late to interrupt anything: users are still to be told.
  apply: async (context) => await mail(context, "after", context.candidate.number),
};

/** The steps that mail users, where a site wants it. */
export function mailSteps({ instance }: Pick<OperationContext, "instance">) {
  const { groups, send } = instance.configuration.messages.mail;
  const wanted = (when: "before" | "after") => groups.length > 0 && send.includes(when);
  return {
    before: wanted("before") ? [before] : [],
    after: wanted("after") ? [after] : [],
  } satisfies Record<string, readonly Step<SwapContext>[]>;
}

/** Users who were not told are no reason not to update. */
async function mail(
  { instance, language, release, serving }: SwapContext,
  when: "before" | "after",
  generation: number,
  signal?: AbortSignal,
): Promise<void> {
  const { reporter, configuration } = instance;
  const { groups, [when]: file } = configuration.messages.mail;
  try {
    const own = catalogueOf(language).mail[when];
    const template = file === undefined ? own : await readFile(file, "utf8");
    const contents = {
      version: release.tag,
      previous: serving.tag,
      site: configuration.site.hostNames[0],
    };
    // The first line is the subject.
    const [subject = "", ...lines] = filled(template, contents).trim().split(/\r?\n/);
    const request = { groups, subject, text: `${lines.join("\n").trim()}\n` };
    const answer = await send(instance, generation, request, signal);
    reporter.event({ type: "output", source: "application", line: JSON.stringify(answer) });
    if ("error" in answer) throw new Error(answer.error);
    const { refused, unknown } = answer;
    if (refused > 0 || unknown.length > 0) {
      const error = new UpdaterError("mailIncomplete", { refused, unknown });
      reporter.event({ type: "warning", error });
    }
  } catch (error) {
    signal?.throwIfAborted();
    const warning = new UpdaterError("mailFails", { reason: messageOf(error) }, error);
    reporter.event({ type: "warning", error: warning });
  }
}

async function send(
  { engine, names }: SwapContext["instance"],
  generation: number,
  request: object,
  signal?: AbortSignal,
): Promise<z.infer<typeof answers>> {
  const program = await readFile(new URL("../messages/mail.py", import.meta.url), "utf8");
  const command = ["python", "-c", program];
  const session = await openSession(engine, names.application(generation), command);
  session.stdin.write(`${JSON.stringify(request)}\n`);
  const limit = AbortSignal.any([AbortSignal.timeout(patience), ...(signal ? [signal] : [])]);
  try {
    const said = Promise.all([text(session.stdout), text(session.stderr)]);
    const [answer, trouble] = await abortable(limit, said);
    // Without a word of its own it could not even begin.
    if (answer === "") throw new Error(trouble.trim().split("\n").at(-1));
    return answers.parse(JSON.parse(answer));
  } finally {
    session.stdin.destroy();
  }
}
