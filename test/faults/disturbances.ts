import { docker } from "../support/docker.ts";
import { freeze } from "../support/freeze.ts";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { clientOf, connectEngine } from "../../src/engine/connect.ts";
import { isRunning } from "../../src/engine/containers.ts";
import { execute } from "../../src/engine/exec.ts";
import { label } from "../../src/engine/labels.ts";
import { findInstance } from "../../src/instance/read-instance.ts";
import { tags } from "../support/miniature.ts";
import { find, type Victim } from "./container-kills.ts";
import type { Fault } from "./fault.ts";
import { followsAgain } from "./follower.ts";
import { difference, type Scene } from "../support/scene.ts";

interface Disturbance {
  readonly class: string;
  readonly name: string;
  /** A step of a swap, at whose beginning it happens. */
  readonly step: string;
  /** Whether requests may fail until it is over, because what answers them is hit. */
  readonly felt?: true;
  readonly alone?: true;
  /** How the swap must end; either way is right where this says nothing. */
  readonly exitCode?: 0 | 3;
  /** What the swap must say of it: that it failed for this reason, and not for another. */
  readonly says?: RegExp;
  /** Tables of the site's configuration that make it happen. */
  tables?(scene: Scene): Promise<Record<string, string>>;
  /** @returns what ends it, and says what was not as promised */
  act(scene: Scene): Promise<() => Promise<readonly string[]>>;
  /** What is looked at besides once everything goes on. @returns what is not as promised */
  lastly?(scene: Scene): Promise<readonly string[]>;
}

const nothing = () => Promise.resolve([]);
const over = (end: () => Promise<unknown>) => async () => {
  await end();
  return [];
};

const container = async (name: string) => (await docker()).getContainer(name);

/** As `docker pause`: it neither answers nor dies. */
function frozen(victim: Victim, step: string, more: Partial<Disturbance> = {}): Disturbance {
  return {
    class: "a frozen process",
    name: `${victim} frozen`,
    step,
    async act(scene) {
      const paused = await container(await find(scene, victim));
      await freeze(paused);
      // Whoever has stopped or removed it meanwhile has thawed it.
      return over(async () => await paused.unpause().catch(() => undefined));
    },
    ...more,
  };
}

/** As `docker rm -f`, by somebody who tidies up. */
function removed(victim: Victim, step: string, more: Partial<Disturbance> = {}): Disturbance {
  return {
    class: "a container removed by hand",
    name: `${victim} removed`,
    step,
    async act(scene) {
      await (await container(await find(scene, victim))).remove({ force: true, v: true });
      return over(async () => await scene.site.does("recover"));
    },
    ...more,
  };
}

/** As `docker rm -f` and `docker volume rm`. */
function emptied(step: string): Disturbance {
  return {
    class: "a volume removed by hand",
    name: "candidate db and its data removed",
    step,
    exitCode: 3,
    async act(scene) {
      const name = await find(scene, "candidate db");
      const database = await container(name);
      await database.remove({ force: true });
      await (await docker()).getVolume(name.replace(/db$/, "data")).remove();
      return nothing;
    },
  };
}

/** Somebody else wants something at the same time, in every way there is. */
function second(step: string): Disturbance {
  return {
    class: "a second updater",
    name: "another operation is asked for",
    step,
    exitCode: 0,
    async act({ site }) {
      const refused = await Promise.all(
        [
          ["swap", tags.additive],
          ["swap", tags.additive, "--foreground"],
          ["rollback", "--accept-data-loss"],
          ["rehearse", tags.additive, "--foreground"],
          ["prune", "--foreground"],
        ].map(async (argv) => {
          const { exitCode, all } = await site.run(...argv);
          return { argv, exitCode, all };
        }),
      );
      const recovered = await site.run("recover");
      return () =>
        Promise.resolve([
          ...refused
            .filter(({ exitCode }) => exitCode !== 1)
            .map(({ argv, exitCode, all }) => `${argv.join(" ")} ended with ${exitCode}: ${all}`),
          ...(/an operation is going on/.test(recovered.all) ? [] : [`recover: ${recovered.all}`]),
        ]);
    },
  };
}

/** A container of somebody else's has a name that the operation needs. */
function foreign(part: string, step: string): Disturbance {
  return {
    class: "a foreign container",
    name: `a foreign container is called like the candidate's ${part}`,
    step,
    exitCode: 3,
    async act({ site: { instance } }) {
      const engine = await connectEngine();
      const next = await nextGeneration(instance);
      const theirs = await clientOf(engine).createContainer({
        name: `biomaid-${instance}-g${next}-${part}`,
        Image: "biomaid-updater/base:12",
        Cmd: ["true"],
      });
      return async () => {
        const there = await theirs.inspect().catch(() => undefined);
        await theirs.remove({ force: true }).catch(() => undefined);
        return there ? [] : ["the foreign container is gone"];
      };
    },
  };
}

/** The candidate's database is on a small file system of its own. */
function smallDisk(
  name: string,
  { size, inodes, filled }: { size: string; inodes?: number; filled?: true },
): Disturbance {
  return {
    class: "a full disk",
    name,
    step: "build-image",
    exitCode: 3,
    says: /No space left on device/,
    async act(scene) {
      const { instance, folder } = scene.site;
      const engine = await connectEngine();
      const number = await nextGeneration(instance);
      const file = `${folder}/small-disk`;
      await execa("truncate", [`--size=${size}`, file]);
      const few = inodes === undefined ? [] : ["-N", String(inodes)];
      // A volume that is not empty keeps its owner, and lost+found is there.
      const ids = await execute(engine, await find(scene, "serving db"), [
        "sh",
        "-c",
        "echo $(id -u postgres):$(id -g postgres)",
      ]);
      const owner = ["-E", `root_owner=${ids.stdout.trim()}`];
      await execa("mkfs.ext4", ["-q", "-F", "-m", "0", ...owner, ...few, file]);
      const { stdout: device } = await execa("losetup", ["--find", "--show", file]);
      const volume = `biomaid-${instance}-g${number}-data`;
      await clientOf(engine).createVolume({
        Name: volume,
        Driver: "local",
        DriverOpts: { type: "ext4", device },
        Labels: {
          [label.instance]: instance,
          [label.role]: "database-data",
          [label.generation]: String(number),
        },
      });
      const ended = new AbortController();
      const filling = filled && fill(`biomaid-${instance}-g${number}-db`, ended.signal);
      return over(async () => {
        ended.abort();
        await filling;
        await execa("losetup", ["--detach", device]);
        await execa("rm", [file]);
      });
    },
  };
}

/** Leaves no byte on the disk of a database, as soon as it runs. */
async function fill(name: string, ended: AbortSignal): Promise<void> {
  const engine = await connectEngine();
  const everything = "cat /dev/zero >/var/lib/postgresql/data/filler";
  while (!(await isRunning(engine, name))) {
    if (ended.aborted) throw new Error(`${name} never ran`);
    await delay(50);
  }
  await execute(engine, name, ["sh", "-c", everything], { user: "postgres" });
}

/** One of the standby's processes hangs. */
function stalledStandby(name: string, title: string): Disturbance {
  return {
    class: "a standby that does not follow",
    name,
    step: "start-gates",
    exitCode: 3,
    async act(scene) {
      const database = await container(await find(scene, "candidate db"));
      const { Processes } = (await database.top({ ps_args: "-eo pid,args" })) as {
        Processes: string[][];
      };
      const [pid] = Processes.find(([, command]) => command?.includes(title)) ?? [];
      if (pid === undefined) throw new Error(`no ${title} among ${JSON.stringify(Processes)}`);
      process.kill(Number(pid), "SIGSTOP");
      return nothing;
    },
  };
}

/** A program of the site's that never ends. */
function hungHook(point: string, exitCode: 0 | 3): Disturbance {
  return {
    class: "a hook that hangs",
    name: `${point} hangs`,
    step: "build-image",
    exitCode,
    async tables({ site: { folder } }) {
      const file = join(folder, "endless");
      await writeFile(file, "#!/bin/sh\nexec sleep 600\n", { mode: 0o755 });
      return { [`hooks.${point}`]: `run = "${file}"\ntime_limit = "2s"` };
    },
    act: () => Promise.resolve(nothing),
  };
}

/** Whoever builds is connected, and never told anything. */
function stalledRegistry(): Disturbance {
  let silent: Server;
  return {
    class: "a registry that stalls",
    name: "the way to the registries is silent",
    step: "build-image",
    exitCode: 3,
    async tables() {
      silent = createServer().listen(0, "0.0.0.0");
      await once(silent, "listening");
      const bridge = await (await docker()).getNetwork("bridge").inspect();
      const { Gateway = "" } = bridge.IPAM?.Config?.[0] ?? {};
      const proxy = `http://${Gateway}:${(silent.address() as AddressInfo).port}`;
      // Packages of which no earlier build has kept a copy.
      return {
        build: `extras = []
http_proxy = "${proxy}"
https_proxy = "${proxy}"
[[build.versions]]
from = "0.8"
python = "3.11"
groups = ["dev"]`,
      };
    },
    act: () => Promise.resolve(() => Promise.resolve(silent.close()).then(nothing)),
  };
}

/** Half an hour forth or back; everything on this machine sees it. */
function clockJump(seconds: number, step: string): Disturbance {
  return {
    class: "a clock that jumps",
    name: `the clock jumps by ${seconds / 60} minutes`,
    step,
    alone: true,
    exitCode: 0,
    async act() {
      await jump(seconds);
      return over(async () => await jump(-seconds));
    },
    // A database that has lived through it starts to follow all the same.
    async lastly(scene) {
      await scene.reach(tags.first);
      await scene.reach(tags.additive);
      return await followsAgain(scene);
    },
  };
}

async function jump(seconds: number): Promise<void> {
  await execa("date", ["--set", `@${Math.round(Date.now() / 1000) + seconds}`]);
}

async function nextGeneration(instance: string): Promise<number> {
  const view = await findInstance(await connectEngine(), instance);
  return view?.state.nextGeneration ?? 0;
}

const disturbances: readonly Disturbance[] = [
  // Later ones are over before anybody can ask.
  second("build-image"),
  second("clone-database"),
  frozen("gate-1", "fence"),
  frozen("gate-2", "fence"),
  frozen("proxy", "close-gate", { felt: true }),
  frozen("serving db", "fence", { felt: true }),
  frozen("serving app", "close-gate", { felt: true }),
  frozen("candidate db", "catch-up", { exitCode: 3 }),
  frozen("candidate db", "migrate", { exitCode: 3 }),
  frozen("candidate app", "migrate", { exitCode: 3 }),
  frozen("candidate app", "probe", { exitCode: 3 }),
  removed("gate-1", "fence"),
  removed("proxy", "start-candidate", { felt: true }),
  removed("serving app", "start-candidate", { felt: true }),
  removed("serving db", "start-candidate", { felt: true }),
  removed("candidate db", "migrate", { exitCode: 3 }),
  removed("candidate app", "boot", { exitCode: 3 }),
  emptied("migrate"),
  foreign("app", "build-image"),
  foreign("db", "build-image"),
  smallDisk("the clone's disk has too few inodes", { size: "400M", inodes: 64 }),
  smallDisk("the clone's disk is too small", { size: "20M" }),
  smallDisk("the clone's disk is full once it runs", { size: "200M", filled: true }),
  stalledStandby("the standby receives nothing any more", "walreceiver"),
  stalledStandby("the standby replays nothing any more", "startup recovering"),
  hungHook("instance_stop", 3),
  hungHook("instance_launch", 0),
  stalledRegistry(),
  clockJump(1800, "fence"),
  clockJump(-1800, "clone-database"),
];

export const disturbanceFaults: readonly Fault[] = disturbances.map(faultOf);

function faultOf(disturbance: Disturbance): Fault {
  const { class: kind, name, step, felt, exitCode, alone } = disturbance;
  return {
    name: `swap, ${name} at ${step}`,
    class: kind,
    ...(alone && { alone }),
    async run(scene) {
      await scene.reach(tags.first);
      const before = await scene.picture();
      const found: string[] = [];
      let ended: number | undefined;
      const tables = await disturbance.tables?.(scene);
      await scene.site.configure({ hold: 'max = "10s"\ndrain = "3s"', ...tables });
      const problems = await scene.problemsUnderLoad(
        async () => {
          let acting: ReturnType<Disturbance["act"]> | undefined;
          const operation = await scene.site.operate(["swap", tags.additive], (event) => {
            if (event.type !== "step-started" || event.step !== step || acting) return;
            acting = disturbance.act(scene);
            // It is awaited once the swap has ended.
            acting.catch(() => undefined);
          });
          if (!acting) throw new Error(`never came to ${step}: ${operation.transcript}`);
          found.push(...(await (await acting)()));
          if (disturbance.says && !disturbance.says.test(operation.transcript))
            found.push(`does not say ${disturbance.says}: ${operation.transcript}`);
          await scene.site.does("recover");
          ended = operation.exitCode;
          const right = exitCode === undefined ? [0, 3] : [exitCode];
          if (!right.includes(ended ?? -1)) found.push(operation.transcript);
        },
        { failing: felt ?? false },
      );
      await scene.site.configure({});
      const undone = ended === 0 || felt ? [] : difference(before, await scene.picture());
      const goesOn = await scene.goesOn();
      return [
        ...problems,
        ...found,
        ...undone,
        ...goesOn,
        ...((await disturbance.lastly?.(scene)) ?? []),
      ];
    },
  };
}
