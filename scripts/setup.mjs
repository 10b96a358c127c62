// Brings what `npm test`, `npm run demo` and bin/updater need, each thing only if it is missing. Runs on any
// Node from 20 on, before a single dependency is there; hence plain JavaScript and nothing imported but Node's own.
import { dirname } from "node:path";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import { bringBrowser } from "./setup/browser.mjs";
import { bringDependencies } from "./setup/deps.mjs";
import { bringEngine } from "./setup/engine.mjs";
import { Failure } from "./setup/failure.mjs";
import { bringImages } from "./setup/images.mjs";
import { consentOf, parseOptions } from "./setup/options.mjs";
import { describe, languageOf, texts } from "./setup/text.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const text = texts[languageOf(process.env)];

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  const { what, reason, type } = describe(text, error);
  process.stderr.write(
    `\n✗ ${what}\n${reason ? `${reason.replace(/^/gm, "    ")}\n` : ""}  ${type}\n`,
  );
  process.exitCode = 1;
}

async function main(options) {
  const write = options.quiet ? () => undefined : (words) => process.stderr.write(words);

  /** Says what is being brought and why, then how long it took. */
  const report = async (key, facts, work) => {
    const start = performance.now();
    write(`→ ${text.progress[key](facts)} … `);
    const result = await work();
    const seconds = text.seconds((performance.now() - start) / 1000);
    write(`${result === false ? `${text.notThere}, ` : ""}${seconds}\n`);
    return result;
  };

  /** Returns once the machine may be changed, and throws otherwise. */
  const consent = async (question) => {
    const given = consentOf(options, process.env, process.stdin.isTTY);
    if (given === "granted") return;
    if (given === "refused")
      throw new Failure("nobodyToAsk", { question: text.questions[question] });
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await terminal.question(`${text.questions[question]} ${text.yesOrNo} `);
    terminal.close();
    if (!text.isYes(answer)) throw new Failure("declined", { question: text.questions[question] });
  };

  if (options.only.includes("deps")) await bringDependencies(root, report);
  if (options.only.includes("engine")) await bringEngine(process.env, report, consent);
  if (options.only.includes("images"))
    await bringImages(root, process.env, options, report, consent);
  if (options.browser)
    await bringBrowser(process.env, report, consent, (failure) => {
      const { what, reason } = describe(text, failure);
      write(`! ${text.withoutBrowser} ${[what, reason].filter(Boolean).join(" ")}\n`);
    });
}
