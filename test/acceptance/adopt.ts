import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { messageOf } from "../../src/errors.ts";
import { type BareMetal, startBareMetal } from "../support/bare-metal.ts";
import { freePort } from "../support/free-port.ts";
import type { Ledger } from "../support/ledger.ts";
import { startLoad } from "../support/load.ts";
import type { Ended, Operator } from "../support/operator.ts";
import { surroundings } from "../support/surroundings.ts";
import { type Updater, updaterOf } from "../support/updater.ts";
import { localRepository } from "./local-repository.ts";
import { type Options, UsageError } from "./options.ts";
import { type Check, ledgerChecks, type Phase, type Report } from "./report.ts";
import { openSource, type Source } from "./source.ts";
import { lookUpThrough, mix, prepareUsers, signIn, takeFormsShownAgain } from "./users.ts";

/** As a sysadmin wrote it, for the machine: the container has a database and folders of its own. */
const settings = (secret: string) => `from importlib.util import find_spec

from settings import INSTALLED_APPS

INSTALLED_APPS = [app for app in INSTALLED_APPS if find_spec(app.split(".")[0])]

ALLOWED_HOSTS = ["localhost"]
AUTHENTICATION_BACKENDS = ["common.auth_backends.MyAuthBackend"]
DEBUG = TEMPLATE_DEBUG = SMARTVIEW_DEBUG = False
DEFAULT_DOMAIN = "http://localhost"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
SECRET_KEY = "${secret}"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "biomaid",
        "USER": "biomaid",
        "PASSWORD": "a-site-s-own-database-password",
        "HOST": "localhost",
        "PORT": "5432",
    },
}
MEDIA_ROOT = "../media"
STATIC_ROOT = "../staticfiles"
`;

/** What a user sent long ago (`install.sh`). */
const estimate = "/media/devis/Réanimation n° 2.pdf";

/** Milliseconds users work before and after an operation, and those in which they write what theirs do in an hour. */
const calm = 8000;
const hour = 60_000;

/** What the switch may take besides the boot, and the way back, milliseconds. */
const limits = { switch: 3000, rollback: 2000 } as const;

interface How {
  readonly progress: (doing: string) => void;
  readonly signal: AbortSignal;
}

/** A BiomAid that was installed by hand, in a machine of its own, and the updater's folder for it. */
interface Place {
  readonly machine: BareMetal;
  readonly origin: string;
  readonly source: Source;
  /** Where there is a way to package indexes. */
  readonly outside: Updater;
  readonly configuration: string;
}

/** Moves a real BiomAid in that was installed by hand, back out, in again and on to the next release, with users at work. */
export async function acceptAdoption(options: Options, how: How): Promise<Report> {
  if (options.local !== undefined) throw new UsageError("--adopt has local settings of its own");
  const instance = `acc-${randomBytes(3).toString("hex")}`;
  const folder = await mkdtemp(join(tmpdir(), `biomaid-${instance}-`));
  const { from, to } = options;
  const seen = { checks: [] as Check[], phases: [] as Phase[] };
  let cutShort: string | undefined;
  const place = await startPlace(options, { instance, folder }, how);
  try {
    await play(place, options, seen, how);
  } catch (error) {
    cutShort = messageOf(error);
  } finally {
    await updaterOf(place.configuration).run("destroy", "--yes", instance);
    await place.machine.remove();
    await rm(folder, { recursive: true, force: true });
  }
  seen.checks.push({
    what: "it came to its end",
    passed: cutShort === undefined,
    ...(cutShort !== undefined && { seen: cutShort }),
  });
  const passed = seen.checks.every((check) => check.passed);
  return { from, to, rehearsal: undefined, ...seen, passed };
}

async function startPlace(
  options: Options,
  { instance, folder }: { readonly instance: string; readonly folder: string },
  { progress, signal }: How,
): Promise<Place> {
  const { from, to, byHand } = options;
  const source = await openSource(options, folder);
  const local = await localRepository(source.clone, folder, [from, to]);
  const configuration = join(folder, "updater.toml");
  const settingsFile = join(folder, "instance_settings.py");
  await writeFile(settingsFile, settings(randomBytes(32).toString("hex")));
  await writeFile(
    configuration,
    `instance = "${instance}"

[source]
repository = "${source.clone}"

[local]
repository = "${local}"
ref = "same-tag"

[site]
settings = "instance_settings.py"
host_names = ["localhost"]

[listen]
address = "127.0.0.1"
port = ${await freePort()}

[probation]
duration = "10s"
interval = "2s"

[backup]
before_swap = false

[jobs]
enabled = true
# When the run says so.
quarter_hourly = "0 0 1 1 *"
hourly = "0 0 1 1 *"
daily = "0 0 1 1 *"
weekly = "off"

[build]
${await surroundings(folder)}`,
  );
  const outside = updaterOf(configuration, { signal });
  progress(`a machine with BiomAid ${from}`);
  // For the site's own user to read, whoever it was cloned by.
  const biomaid = join(folder, "biomaid.git");
  await execa("cp", ["-r", "--no-preserve=mode", source.clone, biomaid]);
  const repositories = { biomaid, local, settings: settingsFile };
  const does = async (command: "build", tag: string) => await outside.does(command, tag);
  const site = { instance, folder, repositories, does };
  const machine = await startBareMetal(site, from, { withEngine: true, byHand });
  const origin = machine.origin.replace("127.0.0.1", "localhost");
  return { machine, origin, source, outside, configuration };
}

async function play(
  place: Place,
  { from, to, clients }: Options,
  { checks, phases }: { readonly checks: Check[]; readonly phases: Phase[] },
  { progress, signal }: How,
): Promise<void> {
  const { machine, origin, outside } = place;
  let moved = false;
  const operator: Pick<Operator, "exec"> = {
    exec: async (...argv) => await (moved ? inContainer(outside, argv) : onMachine(machine, argv)),
  };
  const lookUp = lookUpThrough(operator);
  const check = (what: string, passed: boolean, found: unknown) =>
    checks.push({ what, passed, seen: String(found) });
  const ledgers: { readonly name: string; readonly ledger: Ledger }[] = [];

  const operate = async (...argv: readonly string[]): Promise<Ended> => {
    progress(argv.join(" "));
    const began = performance.now();
    const { exitCode, output } = await machine.updater(
      "--json",
      "--config",
      place.configuration,
      ...argv,
    );
    if (exitCode !== 0) throw new Error(output.slice(-3000));
    const said = JSON.parse(output.trim().split("\n").at(-1) ?? "{}") as Ended;
    return { ...said, took: performance.now() - began };
  };
  const underLoad = async (name: Phase["name"], act?: () => Promise<Ended>) => {
    progress(`${name}: ${clients} users at work`);
    const load = await startLoad({ origin, clients, signIn, mix, thinkMs: 700 });
    let operation: Ended | undefined;
    let report;
    try {
      await pause(name === "since" ? hour : calm, undefined, { signal });
      operation = await act?.();
      if (act) await pause(calm, undefined, { signal });
    } finally {
      report = await load.stop();
    }
    check(
      `${name}: no request failed`,
      report.failed === 0,
      `${report.failed} of ${report.requests}`,
    );
    const shownAgain = takeFormsShownAgain();
    const ledger = await load.ledger.verify(lookUp);
    checks.push(ledgerChecks(`${name}: ledger exact`, ledger));
    ledgers.push({ name, ledger: load.ledger });
    phases.push({ name, shownAgain, load: report, ledger, ...(operation && { operation }) });
    return operation;
  };
  const everythingIsThere = async (when: string) => {
    for (const { name, ledger } of ledgers) {
      const found = await ledger.verify(lookUp);
      checks.push(ledgerChecks(`${when}: what was written in “${name}” is there`, found));
    }
  };
  const looksAlike = async (when: string, tag: string) => {
    const { url, path } = await place.source.staticFile(from, to);
    const answer = await fetch(new URL(url, origin));
    const wanted = (await place.source.show(tag, path)).toString();
    check(`${when}: ${url} is that of ${tag}`, (await answer.text()) === wanted, answer.status);
    const file = await fetch(new URL(encodeURI(estimate), origin));
    check(`${when}: ${estimate} is there`, (await file.text()) === "a", file.status);
  };

  progress("users get their passwords");
  await prepareUsers(operator);
  await underLoad("before");
  await outside.does("build", from);
  await underLoad(
    "stand-in",
    async () => await operate("adopt", machine.home, "--stand-in", "--as-tagged", "--foreground"),
  );
  await machine.askForFiles();
  await looksAlike("stand-in", from);

  // While nobody writes what only one of them shows.
  const { report } = await operate("adopt", "--rehearse", "--foreground");
  check("rehearsal: nothing speaks against it", report?.verdict !== "not-ready", report?.verdict);
  for (const { page, signedIn, differing } of report?.pages ?? []) {
    const whose = signedIn ? ", signed in" : "";
    check(`rehearsal: ${page} is the same${whose}`, differing === 0, `${differing} lines differ`);
  }

  const switched = await underLoad("switch", async () => {
    const ended = await operate("adopt", "--switch", "--foreground");
    moved = true;
    return ended;
  });
  holdCheck(check, "switch", switched, (switched?.steps["boot"] ?? 0) + limits.switch);
  predictionCheck(check, switched, report);
  await looksAlike("switch", from);
  await everythingIsThere("switch");
  await outside.does("jobs", "run", "quarter_hourly").then(
    () => check("switch: jobs run", true, "quarter_hourly"),
    (error: unknown) => check("switch: jobs run", false, messageOf(error).slice(-300)),
  );
  await underLoad("since");

  const back = await underLoad("rollback", async () => {
    const ended = await operate("rollback", "--foreground");
    moved = false;
    return ended;
  });
  holdCheck(check, "rollback", back, limits.rollback);
  await looksAlike("rollback", from);
  await everythingIsThere("rollback");
  await underLoad("after");

  await underLoad("again", async () => {
    const ended = await operate("adopt", "--switch", "--foreground");
    moved = true;
    return ended;
  });
  await outside.does("build", to);
  await underLoad("swap", async () => await operate("swap", to, "--foreground"));
  await looksAlike("swap", to);
  await underLoad("forward", async () => await operate("rollback", "--foreground"));
  await everythingIsThere("forward");
  await operate("adopt", "--finish");
  await looksAlike("finish", from);
}

function holdCheck(
  check: (what: string, passed: boolean, found: unknown) => void,
  what: string,
  ended: Ended | undefined,
  limit: number,
): void {
  const hold = ended?.hold ?? Infinity;
  check(
    `${what}: users waited for ${Math.round(limit)} ms at most`,
    hold <= limit,
    `${Math.round(hold)} ms`,
  );
}

/** Twice as long is what a rehearsal may be wrong by. */
function predictionCheck(
  check: (what: string, passed: boolean, found: unknown) => void,
  ended: Ended | undefined,
  report: Ended["report"],
): void {
  const hold = ended?.hold ?? Infinity;
  const predicted = report?.hold?.total ?? 0;
  const found = `${Math.round(predicted)} ms predicted, ${Math.round(hold)} ms needed`;
  check("switch: users waited as long as the rehearsal said", hold <= 2 * predicted, found);
}

async function inContainer(updater: Updater, argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await updater.run("exec", "--", ...argv);
  if (exitCode !== 0) throw new Error(stderr.slice(-2000));
  return stdout;
}

/** As the site's own user, in its own Python. */
async function onMachine(machine: BareMetal, argv: readonly string[]): Promise<string> {
  const { exitCode, output } = await machine.asSite(argv);
  if (exitCode !== 0) throw new Error(output.slice(-2000));
  return output;
}
