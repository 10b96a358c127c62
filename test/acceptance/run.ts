import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../../src/errors.ts";
import type { Ended } from "../support/operator.ts";
import type { LedgerReport } from "../support/ledger.ts";
import { type LoadOptions, startLoad } from "../support/load.ts";
import { browserChecks } from "./browser.ts";
import type { Options } from "./options.ts";
import { type Check, ledgerChecks, type Phase, type Report } from "./report.ts";
import { backupsOf } from "./backups.ts";
import {
  fetchFrom,
  goBack,
  jobsCheck,
  predictionCheck,
  rehearsalChecks,
  shownCheck,
} from "./checks.ts";
import { startImport } from "./import.ts";
import { formsInHold } from "./hold-page.ts";
import { renewLocal } from "./local.ts";
import { mailsCheck } from "./mails.ts";
import { renewSettings } from "./settings.ts";
import type { AcceptanceSite } from "./site.ts";
import {
  lookUpThrough,
  mix,
  prepareUsers,
  removeDocuments,
  signIn,
  signPage,
  takeFormsShownAgain,
  visitors,
} from "./users.ts";

/** Those of BiomAid's jobs that mail users, move requests and import. */
const schedules = ["quarter_hourly", "hourly", "daily"] as const;

/** Milliseconds users work before and after an operation. */
const calm = 8000;

/** Users at work without a pause write in this time what theirs do in an hour, milliseconds. */
const hour = 90_000;

/** What has been seen so far. */
interface Seen {
  rehearsal: Report["rehearsal"];
  readonly checks: Check[];
  readonly phases: Phase[];
}

/** Takes the site through everything with users at work; what ends it half-way is told with what was seen by then. */
export async function accept(
  site: AcceptanceSite,
  options: Options,
  how: { progress: (doing: string) => void; signal: AbortSignal },
): Promise<Report> {
  const { from, to } = options;
  const seen: Seen = { rehearsal: undefined, checks: [], phases: [] };
  let cutShort: string | undefined;
  try {
    await play(site, options, seen, how);
  } catch (error) {
    cutShort = messageOf(error);
  }
  const { checks } = seen;
  checks.push({
    what: "it came to its end",
    passed: cutShort === undefined,
    ...(cutShort !== undefined && { seen: cutShort }),
  });
  return { from, to, ...seen, passed: checks.every(({ passed }) => passed) };
}

/** Starts the site, swaps it, rolls it back, restores it, and looks at everything after each. */
async function play(
  site: AcceptanceSite,
  { from, to, clients, report }: Options,
  seen: Seen,
  { progress, signal }: { progress: (doing: string) => void; signal: AbortSignal },
): Promise<void> {
  const { operator, origin } = site;
  const lookUp = lookUpThrough(operator);
  const { checks, phases } = seen;

  const underLoad = async (
    name: Phase["name"],
    operate?: () => Promise<Ended | undefined>,
    who: Pick<LoadOptions, "signIn" | "mix"> = { signIn, mix },
  ) => {
    progress(`${name}: ${clients} users arrive`);
    const load = await startLoad({ origin, clients, ...who, thinkMs: 700 });
    let operation: Ended | undefined;
    let report;
    try {
      progress(`${name}: ${clients} users at work`);
      await pause(name === "since" ? hour : calm, undefined, { signal });
      operation = await operate?.();
      if (operate) await pause(calm, undefined, { signal });
    } finally {
      report = await load.stop();
    }
    const { failed, requests } = report;
    checks.push({
      what: `${name}: no request failed`,
      passed: failed === 0,
      seen: `${failed} of ${requests}`,
    });
    // Within one release BiomAid takes its own forms.
    const shownAgain = takeFormsShownAgain();
    if (!operate) {
      checks.push({
        what: `${name}: every form was taken`,
        passed: shownAgain === 0,
        seen: `${shownAgain} shown again`,
      });
    }
    const phase: Phase = { name, shownAgain, load: report, ...(operation && { operation }) };
    return { ledger: load.ledger, phase };
  };
  const exact = (what: string, ledger: LedgerReport) => {
    checks.push(ledgerChecks(what, ledger));
    return ledger;
  };
  const serves = async (tag: string, when: string) => {
    const serving = await operator.servingTag();
    checks.push({
      what: `${when}: status says ${tag}`,
      passed: serving === tag,
      seen: serving ?? "nothing",
    });
    const version = await site.source.shownVersion(tag);
    const page = (await fetchFrom(origin, signPage)).body;
    const shown = /<small>([^<]*)<\/small>/.exec(page)?.[1];
    checks.push({
      what: `${when}: pages show ${version}`,
      passed: shown === version,
      seen: shown ?? "nothing",
    });
    const { url, path } = await site.source.staticFile(from, to);
    const file = await fetchFrom(origin, url);
    const passed = file.body === (await site.source.show(tag, path)).toString();
    checks.push({ what: `${when}: ${url} is that of ${tag}`, passed, seen: String(file.status) });
    for (const schedule of schedules) {
      progress(`${when}: jobs, ${schedule}`);
      checks.push(jobsCheck(when, schedule, await operator.runJobs(schedule), tag));
    }
  };

  await operator.operate("init", from, "--from-dump", site.dump);
  progress("users get their passwords");
  await prepareUsers(operator);
  await serves(from, "before");

  const before = await underLoad("before");
  phases.push({
    ...before.phase,
    ledger: exact("before: ledger exact", await before.ledger.verify(lookUp)),
  });

  const settings = await underLoad("settings", async () => {
    const renewed = await renewSettings(site);
    checks.push(...renewed.checks);
    return renewed.operation;
  });
  await serves(from, "settings");
  phases.push({
    ...settings.phase,
    ledger: exact("settings: ledger exact", await settings.ledger.verify(lookUp)),
  });

  const local = await underLoad("local", async () => {
    const renewed = await renewLocal(site, from);
    checks.push(...(renewed?.checks ?? []));
    return renewed?.operation;
  });
  await serves(from, "local");
  phases.push({
    ...local.phase,
    ledger: exact("local: ledger exact", await local.ledger.verify(lookUp)),
  });

  const rehearsed = await underLoad("rehearse", async () => {
    seen.rehearsal = await operator.rehearse(to, ...(report ? ["--report", report] : []));
    return undefined;
  });
  phases.push({
    ...rehearsed.phase,
    ledger: exact("rehearse: ledger exact", await rehearsed.ledger.verify(lookUp)),
  });
  await serves(from, "rehearse");
  const { rehearsal } = seen;
  checks.push(...rehearsalChecks(rehearsal));

  // What the rehearsal found is this run's business, not a reason to end it.
  const found = rehearsal?.findings.filter(({ severity }) => severity === "blocking") ?? [];
  const overrides = [...new Set(found.map(({ code }) => code))].flatMap((code) => [
    "--override",
    code,
  ]);
  const swap = await underLoad("swap", async () => {
    progress("swap: an import begins");
    const endOfImport = await startImport(operator);
    const operation = await operator.operate("swap", to, ...overrides);
    checks.push(await endOfImport());
    return operation;
  });
  checks.push(predictionCheck(rehearsal?.hold?.total, swap.phase.operation?.hold));
  await serves(to, "swap");
  checks.push(await mailsCheck(operator, to));
  progress("swap: users at browsers");
  const announced = "BiomAid s’arrête un instant ce soir à 22 h 30.";
  await operator.announce(announced);
  checks.push(...(await browserChecks({ origin, version: to, announced })));
  await operator.announce("--remove");
  phases.push({
    ...swap.phase,
    ledger: exact("swap: ledger exact", await swap.ledger.verify(lookUp)),
  });
  exact("swap: what was written before it is there once", await before.ledger.verify(lookUp));

  const since = await underLoad("since");
  phases.push({
    ...since.phase,
    ledger: exact("since: ledger exact", await since.ledger.verify(lookUp)),
  });

  const rollback = await underLoad("rollback", async () => {
    const given = await goBack(operator);
    checks.push({ what: "rollback: what it leaves out", passed: true, seen: given.leftOut });
    return given.operation;
  });
  await serves(from, "rollback");
  phases.push({
    ...rollback.phase,
    ledger: exact("rollback: ledger exact", await rollback.ledger.verify(lookUp)),
  });
  exact("rollback: what was written before the swap is there", await before.ledger.verify(lookUp));
  exact("rollback: what was written since is there", await swap.ledger.verify(lookUp));

  exact("rollback: an hour's work is there", await since.ledger.verify(lookUp));
  checks.push(await shownCheck(operator, since.ledger));

  const after = await underLoad("after");
  phases.push({
    ...after.phase,
    ledger: exact("after: ledger exact", await after.ledger.verify(lookUp)),
  });

  progress("hold: two people send a form into it");
  checks.push(...(await formsInHold(site, to, overrides)));

  const forward = await underLoad(
    "forward",
    async () => await operator.operate("swap", to, ...overrides),
  );
  await serves(to, "forward");
  phases.push({
    ...forward.phase,
    ledger: exact("forward: ledger exact", await forward.ledger.verify(lookUp)),
  });
  for (const { ledger, phase } of [before, swap, since, rollback, after]) {
    exact(`forward: what was written in “${phase.name}” is there`, await ledger.verify(lookUp));
  }

  const { backups, checks: made } = await backupsOf(operator, from);
  checks.push(...made);
  for (const { kind, name } of backups) {
    // The ledger looks into documents: they come back with it.
    if (kind === "snapshot") await removeDocuments(operator);
    // What is written since the backup is lost by it, and who has signed in since: visitors only ask for pages.
    const restore = await underLoad(
      "restore",
      async () => await operator.operate("restore", name, "--accept-data-loss"),
      visitors,
    );
    phases.push(restore.phase);
    await serves(from, `restore of the ${kind}`);
    exact(`restore of the ${kind}: what was there is there`, await before.ledger.verify(lookUp));
  }
}
