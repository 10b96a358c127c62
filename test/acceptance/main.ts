import { asProgress } from "../support/progress.ts";
import { acceptAdoption } from "./adopt.ts";
import { optionsOf, usage, UsageError } from "./options.ts";
import { textOf } from "./report.ts";
import { accept } from "./run.ts";
import { createAcceptanceSite } from "./site.ts";

process.exit(await main(process.argv.slice(2)));

async function main(argv: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => interrupt.abort(new Error("interrupted")));
  }
  try {
    const options = optionsOf(argv);
    if (!options) {
      console.log(usage);
      return 0;
    }
    const { signal } = interrupt;
    const progress = asProgress(process.stderr);
    if (options.adopt) {
      const report = await acceptAdoption(options, { progress, signal });
      console.log(options.json ? JSON.stringify(report) : `\n${textOf(report)}`);
      return report.passed ? 0 : 1;
    }
    progress("reading the repositories");
    const site = await createAcceptanceSite(options, { progress, signal });
    try {
      const report = await accept(site, options, { progress, signal });
      console.log(options.json ? JSON.stringify(report) : `\n${textOf(report)}`);
      return report.passed ? 0 : 1;
    } finally {
      if (options.keep) progress(`kept: ${site.instance}, ${site.folder}, ${site.origin}`);
      else {
        progress("removing everything");
        await site.remove();
      }
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return error instanceof UsageError ? 2 : 1;
  }
}
