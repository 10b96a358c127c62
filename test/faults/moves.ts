import { join } from "node:path";
import { clientOf, connectEngine } from "../../src/engine/connect.ts";
import { label } from "../../src/engine/labels.ts";
import { type BareMetal, startBareMetal } from "../support/bare-metal.ts";
import { tags } from "../support/miniature.ts";
import { createSite, type Site } from "../support/site.ts";
import { heldBy, readRows } from "../support/traces.ts";
import { describe as told, Users } from "../support/users.ts";
import type { Fault } from "./fault.ts";
import { around } from "./kills.ts";

/** A site that was installed by hand, in a machine of its own, and that the updater stands in front of. */
export interface Moving {
  readonly site: Site;
  readonly machine: BareMetal;
  readonly users: Users;
}

/** Where a site is. */
type Where = "machine" | "containers";

const switchBefore = [
  "build-image",
  "bring-media",
  "copy-database",
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

const decided = ["step-started:commit", "step-finished:commit"];

const commands = { machine: ["adopt", "--switch"], containers: ["rollback"] } as const;

export const moveFaults: readonly Fault<Moving>[] = [
  ...around(switchBefore).map((at) => killed("machine", at, "machine")),
  ...[...decided, ...around(switchAfter)].map((at) => killed("machine", at, "containers")),
  ...around(backBefore).map((at) => killed("containers", at, "containers")),
  ...[...decided, ...around(backAfter)].map((at) => killed("containers", at, "machine")),
];

/** The updater dies, the next command ends what it has begun, and no user has noticed. */
function killed(from: Where, at: string, to: Where): Fault<Moving> {
  return {
    name: `${commands[from].join(" ")}, killed at ${at}`,
    class: "kill -9 of the updater while a site moves",
    async run(place) {
      await reach(place, from);
      const problems: string[] = [];
      const work = await place.users.work();
      let report;
      try {
        const said = await place.machine.dies(at, ...configured(place), ...commands[from]);
        if (said.exitCode !== 137) problems.push(`it did not die: ${said.output.slice(-500)}`);
        await type(place, "recover");
        await work.everythingIsAnswered();
      } finally {
        report = await work.stop();
      }
      if (report.failed > 0) problems.push(told(report));
      const found = await whereIs(place);
      if (found.where !== to) problems.push(`it is at the ${found.where}`);
      const ledger = await work.ledger.verify(heldBy(place.site.instance, found.serving));
      for (const kind of ["missing", "duplicated", "altered", "unknown"] as const) {
        if (ledger[kind].length > 0) problems.push(`${kind}: ${ledger[kind].join(" ")}`);
      }
      return [...problems, ...(await machineProblems(place, to))];
    },
  };
}

/** What is open on the machine while its site is elsewhere, or closed while it is there. */
async function machineProblems(
  { site, machine }: Moving,
  where: Where,
): Promise<readonly string[]> {
  const role = "SELECT rolcanlogin AS open FROM pg_roles WHERE rolname = 'biomaid'";
  const [found] = await readRows<{ open: boolean }>(site.instance, 1, role);
  const { output } = await machine.shell("crontab -u production -l | grep -c ^[^#]");
  const expected = where === "machine";
  return [
    ...(found?.open === expected ? [] : [`the role may sign in: ${found?.open}`]),
    ...(Number(output) > 0 === expected ? [] : [`lines of cron that run: ${output.trim()}`]),
  ];
}

const configured = ({ site }: Moving) => ["--config", join(site.folder, "updater.toml")];

async function type(place: Moving, ...argv: readonly string[]): Promise<unknown> {
  const { exitCode, output } = await place.machine.updater("--json", ...configured(place), ...argv);
  if (exitCode !== 0) throw new Error(`updater ${argv.join(" ")}: ${output.slice(-2000)}`);
  return JSON.parse(output.trim().split("\n").at(-1) ?? "{}") as unknown;
}

async function whereIs(
  place: Moving,
): Promise<{ readonly where: Where; readonly serving: number }> {
  const { serving } = (await type(place, "status")) as { serving: number };
  return { serving, where: serving === 1 ? "machine" : "containers" };
}

async function reach(place: Moving, where: Where): Promise<void> {
  const { where: now } = await whereIs(place);
  if (now !== where) await type(place, ...commands[now], "--foreground");
}

/** Installs a site, stands in front of it, and lets it be used. */
export async function withMoving(use: (place: Moving) => Promise<void>): Promise<void> {
  const site = await createSite("faults-moving");
  let machine: BareMetal | undefined;
  try {
    machine = await startBareMetal(site, tags.first, { withEngine: true });
    const place = { site, machine, users: new Users(machine.origin, { count: 10, thinkMs: 500 }) };
    await site.does("build", tags.first);
    await type(place, "adopt", machine.home, "--stand-in", "--as-tagged", "--foreground");
    await machine.askForFiles();
    await use(place);
  } finally {
    await site.remove();
    await machine?.remove();
    await noneLeft(site.instance);
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
