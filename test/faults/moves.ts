import { clientOf, connectEngine } from "../../src/engine/connect.ts";
import { label } from "../../src/engine/labels.ts";
import { type BareMetal, startBareMetal } from "../support/bare-metal.ts";
import { tags } from "../support/miniature.ts";
import type { Death } from "../support/death.ts";
import { configured, typedOn, writtenOn } from "../support/moving.ts";
import { createSite, type Site } from "../support/site.ts";
import { heldBy } from "../support/traces.ts";
import { describe as told, Users } from "../support/users.ts";
import type { Fault } from "./fault.ts";
import { around } from "./kills.ts";

/** A site that was installed by hand, in a machine of its own, and that the updater stands in front of. */
export interface Moving {
  readonly site: Site;
  readonly machine: BareMetal;
  readonly users: Users;
}

/** Where a site is; nobody stands in front of it yet where it is untouched. */
type Where = "untouched" | "machine" | "containers";

const standInBefore = ["start-proxy", "build-image", "reach-bare-metal"];

const switchBefore = [
  "build-image",
  "bring-media",
  "copy-database",
  "enable-replication",
  "replicate-database",
  "start-candidate",
  "start-gates",
  "close-gate",
  "fence",
  "complete-media",
  "move-database",
  "migrate",
  "publish-changes",
  "boot",
  "probe",
  "publish-boot",
];
const switchAfter = [
  "switch-static",
  "stop-gates",
  "analyze",
  "pause-cron",
  "follow",
  "probation",
  "retire",
  "retention",
];
const backBefore = [
  "resume-previous",
  "return-media",
  "start-gates",
  "close-gate",
  "fence",
  "catch-up-previous",
  "restore-media",
  "return-writes",
  "start-service",
  "boot",
  "probe",
];
const backAfter = [
  "switch-static",
  "mark-abandoned",
  "stop-gates",
  "resume-cron",
  "end-following",
  "retire",
];

/** Where the database is copied while it is written to, those that have to do with that. */
const liveBefore = [
  "copy-database",
  "enable-replication",
  "replicate-database",
  "start-candidate",
  "close-gate",
  "fence",
  "move-database",
  "probe",
];
const liveAfter = ["switch-static", "analyze", "follow"];
/** In the middle: the gate has closed for the restart, PostgreSQL ends and starts, rows come. */
const liveDuring: readonly Moment[] = [
  { at: "hold-started:" },
  { at: "hold-started:", after: 100 },
  { at: "hold-started:", after: 400 },
  { at: "hold-started:", after: 1200 },
  { at: "progress:replicate-database" },
  { at: "step-started:move-database", after: 300 },
];

const decided = ["step-started:commit", "step-finished:commit"];

/** What leads away from where it is. */
const commands = { machine: ["adopt", "--switch"], containers: ["rollback"] } as const;
const standIn = ({ machine }: Moving) => ["adopt", machine.home, "--stand-in", "--as-tagged"];
const undo = ["adopt", "--undo"];

export const moveFaults: readonly Fault<Moving>[] = [
  ...around(standInBefore).map((at) => killedStandingIn(at, "untouched")),
  ...around(["stand-in"]).map((at) => killedStandingIn(at, "machine")),
  ...around(["leave-place"]).map(killedLeaving),
  ...around(switchBefore).map((at) => killed("machine", at, "machine")),
  ...[...decided, ...around(switchAfter)].map((at) => killed("machine", at, "containers")),
  ...around(liveBefore).map((at) => killedLive({ at }, "machine")),
  ...liveDuring.map((moment) => killedLive(moment, "machine")),
  ...[...decided, ...around(liveAfter)].map((at) => killedLive({ at }, "containers")),
  ...around(backBefore).map((at) => killed("containers", at, "containers")),
  ...[...decided, ...around(backAfter)].map((at) => killed("containers", at, "machine")),
];

/** The updater dies, the next command ends what it has begun, and no user has noticed. */
function killed(from: "machine" | "containers", at: string, to: Where): Fault<Moving> {
  return fault(`${commands[from].join(" ")}, killed at ${at}`, to, async (place) => {
    await reach(place, from);
    await place.machine.askForFiles();
    return {
      argv: commands[from],
      at,
      end: async () => void (await type(place, "recover")),
    };
  });
}

/** The same where its database is copied while it is written to, and its PostgreSQL is restarted for that. */
function killedLive(moment: Moment, to: Where): Fault<Moving> {
  const { at, after } = moment;
  const argv = [...commands.machine, "--restart-database"];
  const when = after === undefined ? at : `${at} + ${after} ms`;
  return fault(`${argv.join(" ")}, killed at ${when}`, to, async (place) => {
    await reach(place, "machine");
    await place.machine.askForFiles();
    // What an earlier one has brought goes with a restart.
    await place.machine.shell("pg_ctlcluster 15 main restart");
    await place.site.configure({ adopt: 'dump_below = "0s"' });
    const end = async () => {
      await type(place, "recover");
      await place.site.configure({});
    };
    return { argv, ...moment, end };
  });
}

/** What it has begun is removed as a whole, unless users may come by the proxy. */
function killedStandingIn(at: string, to: Where): Fault<Moving> {
  return fault(`adopt --stand-in, killed at ${at}`, to, async (place) => {
    await reach(place, "untouched");
    await build(place);
    // Where it is removed there is nothing left to recover, which that command says.
    return { argv: standIn(place), at, end: async () => void (await typedOn(place, "recover")) };
  });
}

function killedLeaving(at: string): Fault<Moving> {
  return fault(`adopt --undo, killed at ${at}`, "untouched", async (place) => {
    await reach(place, "machine");
    return { argv: undo, at, end: async () => void (await type(place, ...undo)) };
  });
}

type Moment = Death & { readonly at: string };

interface Killed extends Moment {
  /** What is typed, before the moment at which it dies. */
  readonly argv: readonly string[];
  /** Ends what it has begun. */
  readonly end: () => Promise<void>;
}

function fault(
  name: string,
  to: Where,
  prepare: (place: Moving) => Promise<Killed>,
): Fault<Moving> {
  return {
    name,
    class: "kill -9 of the updater while a site moves",
    async run(place) {
      const { argv, end, ...death } = await prepare(place);
      const problems: string[] = [];
      const work = await place.users.work();
      let report;
      try {
        const said = await place.machine.dies(death, ...configured(place), ...argv);
        if (said.exitCode !== 137) problems.push(`it did not die: ${said.output.slice(-500)}`);
        await end();
        await work.everythingIsAnswered();
      } finally {
        report = await work.stop();
      }
      if (report.failed > 0) problems.push(told(report));
      const found = await whereIs(place);
      if (found.where !== to) problems.push(`it is at the ${found.where}`);
      const ledger = await work.ledger.verify(
        found.where === "untouched"
          ? writtenOn(place.machine)
          : heldBy(place.site.instance, found.serving),
      );
      for (const kind of ["missing", "duplicated", "altered", "unknown"] as const) {
        if (ledger[kind].length > 0) problems.push(`${kind}: ${ledger[kind].join(" ")}`);
      }
      return [...problems, ...(await machineProblems(place, to))];
    },
  };
}

/** What a copy leaves on its source where it leaves something. */
const ofCopies =
  "SELECT slot_name FROM pg_replication_slots UNION ALL SELECT pubname FROM pg_publication UNION ALL SELECT name FROM pg_file_settings WHERE sourcefile ~ 'auto.conf'";

/** What is open on the machine while its site is elsewhere, or closed while it is there. */
async function machineProblems({ machine }: Moving, where: Where): Promise<readonly string[]> {
  const { output: role } = await machine.shell(
    `setpriv --reuid=postgres --regid=postgres --init-groups psql -XAtqc "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'biomaid'"`,
  );
  const open = role.trim() === "t";
  const { output: left } = await machine.shell(
    `setpriv --reuid=postgres --regid=postgres --init-groups psql -XAtq biomaid -c "${ofCopies}"`,
  );
  const { output } = await machine.shell("crontab -u production -l | grep -c ^[^#]");
  const expected = where !== "containers";
  return [
    ...(open === expected ? [] : [`the role may sign in: ${open}`]),
    ...(left.trim() === "" ? [] : [`left on the machine: ${left.trim()}`]),
    ...(Number(output) > 0 === expected ? [] : [`lines of cron that run: ${output.trim()}`]),
  ];
}

async function type(place: Moving, ...argv: readonly string[]): Promise<unknown> {
  const { exitCode, output, last } = await typedOn(place, ...argv);
  if (exitCode !== 0) throw new Error(`updater ${argv.join(" ")}: ${output.slice(-2000)}`);
  return last;
}

async function whereIs(
  place: Moving,
): Promise<{ readonly where: Where; readonly serving: number }> {
  const { exitCode, output, last } = await typedOn(place, "status");
  if (last.error?.code === "noInstance") return { serving: 0, where: "untouched" };
  if (exitCode !== 0) throw new Error(`updater status: ${output.slice(-2000)}`);
  const { serving } = last as { serving: number };
  return { serving, where: serving === 1 ? "machine" : "containers" };
}

/** Step by step. */
async function reach(place: Moving, where: Where): Promise<void> {
  const { where: now } = await whereIs(place);
  if (now === where) return;
  if (now === "untouched") await standInFront(place);
  else if (now === "containers") await type(place, ...commands.containers, "--foreground");
  else if (where === "untouched") await type(place, ...undo);
  else {
    await place.machine.askForFiles();
    await type(place, ...commands.machine, "--foreground");
  }
  await reach(place, where);
}

/** Where there is a way to package indexes; what is removed with an instance is its image, too. */
async function build({ site }: Moving): Promise<void> {
  await site.does("build", tags.first);
}

async function standInFront(place: Moving): Promise<void> {
  await build(place);
  await type(place, ...standIn(place), "--foreground");
}

/** Installs a site by hand, in a machine of its own; the caller removes it. */
export async function startMoving(name: string): Promise<Moving & { remove(): Promise<void> }> {
  const site = await createSite(name);
  const remove = async (machine?: BareMetal) => {
    await site.remove();
    await machine?.remove();
    await noneLeft(site.instance);
  };
  try {
    const machine = await startBareMetal(site, tags.first, { withEngine: true });
    const users = new Users(machine.origin, { count: 10, thinkMs: 500 });
    return { site, machine, users, remove: async () => await remove(machine) };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function noneLeft(instance: string): Promise<void> {
  const client = clientOf(await connectEngine());
  const left = await client.listContainers({
    all: true,
    filters: { label: [`${label.instance}=${instance}`] },
  });
  if (left.length > 0) throw new Error(`left: ${left.map(({ Names }) => Names[0]).join(" ")}`);
}
