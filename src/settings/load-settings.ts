import { readFile } from "node:fs/promises";
import { z } from "zod";
import { timeLimit } from "../lib/time-limit.ts";
import { parseDocument } from "../lib/toml.ts";
import { type ErrorParameters, UpdaterError } from "../errors.ts";
import { createGenerationVolumes, runOnConfiguration } from "../instance/containers.ts";
import { readSiteFiles, siteFile } from "../instance/site-files.ts";
import type { Step } from "../runner/step.ts";
import { excerptOf } from "../source/excerpt.ts";
import { candidateParts, type NewReleaseContext } from "../steps/context.ts";
import { writeConfiguration } from "../steps/start-candidate.ts";

/** What loading settings may take, milliseconds. */
const loadLimitMs = 60_000;

type SettingsFault = ErrorParameters<"settingsFail">["faults"][number];

const answer = z.object({
  loaded: z.boolean(),
  fault: z
    .object({
      file: z.string().nullable(),
      line: z.number().nullable(),
      column: z.number().nullable(),
      kind: z.string(),
      message: z.string(),
    })
    .nullable(),
});

type LoadContext = Pick<NewReleaseContext, "instance" | "candidate" | "release" | "outputs">;

/** Loads the settings without a database: most of what can be wrong with them is told before anything is copied. */
export const loadSettings: Step<LoadContext> = {
  name: "load-settings",

  async apply(context, signal) {
    const { instance, candidate } = context;
    await createGenerationVolumes(instance, candidate.number);
    await writeConfiguration(context);
    const { site } = instance.configuration;
    const files = await readSiteFiles(instance.configuration);
    const textOf = (name: string) => files.get(name)?.toString("utf8") ?? "";
    const faults = [
      ...(await pythonFaults(context, textOf(siteFile.settings), signal)),
      ...(site.instanceConfig === undefined
        ? []
        : tomlFaults(site.instanceConfig, textOf(siteFile.instanceConfig))),
    ];
    if (faults.length > 0) throw new UpdaterError("settingsFail", { faults });
  },
};

async function pythonFaults(
  context: LoadContext,
  text: string,
  signal: AbortSignal,
): Promise<SettingsFault[]> {
  const { instance } = context;
  const script = await readFile(new URL("load-settings.py", import.meta.url), "utf8");
  const program = ["/venv/bin/python", "-c", script];
  const container = instance.names.application(context.candidate.number);
  const silent = { container, asked: "settings", seconds: loadLimitMs / 1000 };
  const late = timeLimit(loadLimitMs, () => new UpdaterError("applicationSilent", silent));
  const limit = AbortSignal.any([signal, late]);
  const { printed } = await runOnConfiguration(instance, candidateParts(context), program, limit);
  for (const line of printed) {
    instance.reporter.event({ type: "output", source: "application", line });
  }
  const said = printed.findLast((line) => line.startsWith('{"loaded"'));
  if (said === undefined) {
    return [{ file: null, line: null, reason: printed.at(-1) ?? "", excerpt: null }];
  }
  const { fault } = answer.parse(JSON.parse(said));
  if (!fault) return [];
  const { file, line, column, kind, message } = fault;
  const own = file === siteFile.settings;
  return [
    {
      file: own ? instance.configuration.site.settings : file,
      line,
      reason: `${kind}: ${message}`,
      excerpt: own && line !== null ? excerptOf(text, line, column) : null,
    },
  ];
}

function tomlFaults(file: string, text: string): SettingsFault[] {
  const document = parseDocument(text);
  if (!("reason" in document)) return [];
  const { line, column, reason } = document;
  return [{ file, line, reason, excerpt: excerptOf(text, line, column) }];
}
