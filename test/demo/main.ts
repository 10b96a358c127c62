/** The demonstration behind `npm run demo`; scripts/demo.mjs has set up what it needs. */
import { relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { styleText } from "node:util";
import { execa } from "execa";
import { messageOf, UpdaterError } from "../../src/errors.ts";
import { catalogueOf, languageOf } from "../../src/text/catalogue.ts";
import { credentials, pages, tags } from "../support/miniature.ts";
import { clearInstance, environment, paths, setStage, strikeStage } from "./stage.ts";
import { texts } from "./text.ts";
import { Users } from "./users.ts";

const clients = 12;
/** Milliseconds users work undisturbed between two operations. */
const calm = 4000;

const language = languageOf(process.env);
const text = texts[language];
const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => interrupt.abort());
}

process.exitCode = process.argv.includes("--down") ? await down() : await demonstrate();

async function down(): Promise<number> {
  try {
    await strikeStage();
    say(text.down);
    say(text.stays);
    return 0;
  } catch (error) {
    say(styleText("red", `✗ ${reasonOf(error)}`));
    return 1;
  }
}

async function demonstrate(): Promise<number> {
  let users: Users | undefined;
  try {
    say(styleText("bold", text.title));
    say(text.stage);
    if (await clearInstance()) say(text.again);
    const { origin } = await setStage();

    heading(text.create);
    await updater(0, "init", tags.first, "--from-dump", paths.dump);

    heading(text.work(clients));
    users = await Users.start(origin, clients);
    return await perform(origin, users);
  } catch (error) {
    const stopped = interrupt.signal.aborted;
    await users?.stop();
    say("");
    say(stopped ? text.interrupted : styleText("red", `✗ ${text.failed(reasonOf(error))}`));
    say(text.tidy);
    return stopped ? 130 : 1;
  }
}

async function perform(origin: string, users: Users): Promise<number> {
  await watch(users);

  heading(text.swap);
  await updater(0, "swap", tags.additive);
  await watch(users);

  heading(text.refused);
  await updater(3, "swap", tags.failingMigration);
  say(text.asExpected(3));
  await watch(users);
  const swapped = await users.find();
  const keptBySwap = swapped.acknowledged - swapped.wrong;
  say(text.foundAll(keptBySwap, swapped.acknowledged));

  heading(text.rollback);
  await updater(0, "rollback");
  await watch(users);

  const found = await users.find();
  const { requests, failed, failures, waits } = await users.stop();
  heading({ title: text.summary });
  table(
    text.lines({
      requests,
      failed,
      longestMs: waits.longest,
      throughSwap: { kept: keptBySwap, of: swapped.acknowledged },
      throughRollback: { kept: found.acknowledged - found.wrong, of: found.acknowledged },
    }),
  );
  for (const { method, path, reason } of failures) say(`  ${method} ${path}: ${reason}`);
  const kept = failed + swapped.wrong + found.wrong === 0;
  if (!kept) say(styleText("red", `✗ ${text.notAsPromised}`));

  heading(text.running);
  const { username, password } = credentials.admin;
  const program = `${shown(paths.updater)} --config ${shown(paths.configuration)}`;
  table(text.running.lines(`${origin}${pages.signedIn[0]}`, username, password, program));
  return kept ? 0 : 1;
}

/** Runs the updater on this terminal, as its operator would. */
async function updater(expected: number, ...argv: string[]): Promise<void> {
  interrupt.signal.throwIfAborted();
  const command = argv.map(shown).join(" ");
  say(styleText("cyan", `$ updater ${command}`));
  const running = execa(paths.updater, ["--config", paths.configuration, ...argv], {
    reject: false,
    stdio: ["ignore", "inherit", "inherit"],
    env: environment,
  });
  const pass = () => running.kill("SIGINT");
  interrupt.signal.addEventListener("abort", pass, { once: true });
  const { exitCode } = await running;
  interrupt.signal.removeEventListener("abort", pass);
  interrupt.signal.throwIfAborted();
  if (exitCode !== expected) throw new Error(text.unexpectedExit(command, exitCode));
}

async function watch(users: Users): Promise<void> {
  await pause(calm, undefined, { signal: interrupt.signal });
  const { requests, failed } = users.counts;
  say(text.soFar(requests, failed));
}

function heading({ title, words }: { title: string; words?: string }): void {
  say("");
  say(styleText("bold", `── ${title}`));
  if (words !== undefined) say(words);
}

function table(rows: readonly (readonly [string, string])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) say(`  ${name.padEnd(width)}  ${value}`);
}

function say(words: string): void {
  process.stdout.write(`${words}\n`);
}

/** A path as somebody in this folder would type it. */
function shown(word: string): string {
  return word.startsWith("/") ? relative(process.cwd(), word) : word;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof UpdaterError)) return messageOf(error);
  const { what, next } = error.describe(catalogueOf(language));
  return `${what} ${next}`;
}
