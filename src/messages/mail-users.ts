import { readFile } from "node:fs/promises";
import { messageOf, UpdaterError } from "../errors.ts";
import { sendMail } from "./send-mail.ts";
import type { OperationContext, VersionChange } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";
import { catalogueOf } from "../text/catalogue.ts";
import { filled } from "../lib/template.ts";

type MailContext = Pick<OperationContext, "language"> & VersionChange;

/** When users are mailed, and which application does it: the one they reach then. */
const before: Step<MailContext & { readonly serving: { readonly number: number } }> = {
  name: "mail-before",
  once: true,
  apply: async (context, signal) => await mail(context, "before", context.serving.number, signal),
};

const after: Step<MailContext & { readonly candidate: { readonly number: number } }> = {
  name: "mail-after",
  once: true,
  // Too late to interrupt anything: users are still to be told.
  apply: async (context) => await mail(context, "after", context.candidate.number),
};

/** The steps that mail users, where a site wants it and there is a new version to tell of. */
export function mailSteps({ instance, release, serving }: VersionChange) {
  const { groups, send } = instance.configuration.messages.mail;
  const told = groups.length > 0 && release.tag !== serving.tag;
  const wanted = (when: "before" | "after") => told && send.includes(when);
  return {
    before: wanted("before") ? [before] : [],
    after: wanted("after") ? [after] : [],
  };
}

/** Users who were not told are no reason not to update. */
async function mail(
  { instance, language, release, serving }: MailContext,
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
    const text = `${lines.join("\n").trim()}\n`;
    const request = { groups, addresses: [], subject, text };
    const answer = await sendMail(instance, generation, request, signal);
    reporter.event({ type: "output", source: "application", line: JSON.stringify(answer) });
    const { refused, unknown } = answer;
    if (refused > 0 || unknown.length > 0) {
      const error = new UpdaterError("mailIncomplete", { refused, unknown });
      reporter.event({ type: "warning", error });
    }
  } catch (error) {
    signal?.throwIfAborted();
    const warning =
      error instanceof UpdaterError
        ? error
        : new UpdaterError("mailFails", { reason: messageOf(error) }, error);
    reporter.event({ type: "warning", error: warning });
  }
}
