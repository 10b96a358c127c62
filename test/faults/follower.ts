import { docker } from "../support/docker.ts";
import { freeze } from "../support/freeze.ts";
import { tags } from "../support/miniature.ts";
import { throughput } from "../support/traces.ts";
import { kill } from "./container-kills.ts";
import type { Fault } from "./fault.ts";
import { loseProcesses, restart } from "./engine-faults.ts";
import { difference, type Scene } from "../support/scene.ts";

const kind = "the version left";

/** Steps of a rollback at which the database that followed is there. */
const returning = [
  "resume-previous",
  "close-gate",
  "fence",
  "catch-up-previous",
  "return-writes",
  "boot",
  "probe",
  "commit",
];

interface Databases {
  /** Containers: of the version left, and of the serving one. */
  readonly left: string;
  readonly serving: string;
  /** Of the serving generation. */
  readonly number: number;
}

interface Trouble {
  readonly name: string;
  /** Users feel it too. */
  readonly felt: boolean;
  readonly alone?: true;
  readonly strike: (scene: Scene, databases: Databases) => Promise<void>;
}

const troubles: readonly Trouble[] = [
  {
    name: "its database is killed while it follows",
    felt: false,
    async strike(_, { left }) {
      await kill(left);
    },
  },
  {
    name: "its database is down for as long as it takes to write an hour's worth",
    felt: false,
    async strike({ site }, { left, number }) {
      const database = (await docker()).getContainer(left);
      await database.stop();
      // Some ten thousand rows, which no hospital enters in an hour.
      await throughput(site.instance, number, 10);
      await database.start();
    },
  },
  {
    name: "its database is frozen until the rollback",
    felt: false,
    async strike(_, { left }) {
      await freeze((await docker()).getContainer(left));
    },
  },
  {
    name: "the serving database is killed while it is followed",
    felt: true,
    async strike(_, { serving }) {
      await kill(serving);
    },
  },
  {
    name: "the engine restarts while it follows",
    felt: true,
    alone: true,
    strike: restart,
  },
  {
    name: "the machine loses power while it follows",
    felt: true,
    alone: true,
    strike: loseProcesses,
  },
];

/** Whatever happens to the version left, a rollback brings it back with every write, and asks nothing. */
export const followerFaults: readonly Fault[] = [
  ...troubles.map(({ name, felt, strike, ...more }): Fault => ({
    name,
    class: kind,
    ...more,
    async run(scene) {
      await begin(scene);
      const problems = await scene.problemsUnderLoad(
        async (work) => {
          await strike(scene, await databasesOf(scene));
          await work.everythingIsAnswered();
          await scene.site.does("rollback");
          await work.everybodySees(tags.first);
        },
        { failing: felt },
      );
      return [...problems, ...(await scene.goesOn())];
    },
  })),
  ...returning.map((step) => duringRollback("killed", step, kill)),
  // The engine does not start it again.
  ...["return-writes", "boot"].map((step) => duringRollback("stopped by hand", step, stop)),
];

/** Nobody types anything for users to be served again; a second rollback finds the way back as it was. */
function duringRollback(
  what: string,
  step: string,
  strike: (container: string) => Promise<boolean>,
): Fault {
  return {
    name: `rollback, its database ${what} at ${step}`,
    class: kind,
    async run(scene) {
      await begin(scene);
      const { left } = await databasesOf(scene);
      let struck: Promise<boolean> | undefined;
      const problems = await scene.problemsUnderLoad(
        async (work) => {
          const { transcript } = await scene.site.operate(["rollback"], (event) => {
            if (event.type !== "step-started" || event.step !== step) return;
            struck ??= strike(left);
          });
          if (!(await struck)) throw new Error(`not ${what} at ${step}: ${transcript}`);
          await work.everythingIsAnswered();
          if ((await scene.servingTag()) !== tags.first) await scene.site.does("rollback");
        },
        // At the switch it begins to serve.
        { failing: step === "commit" },
      );
      return [...problems, ...(await scene.goesOn()), ...(await followsAgain(scene))];
    },
  };
}

async function stop(container: string): Promise<boolean> {
  await (await docker()).getContainer(container).stop({ t: 0 });
  return true;
}

/** A swap of its own: what an earlier fault did to the version left is no part of this one. */
async function begin(scene: Scene): Promise<void> {
  await scene.reach(tags.first);
  await scene.reach(tags.additive);
}

/** The version left by the swap that came after. */
export async function followsAgain({ site }: Scene): Promise<string[]> {
  const { wayBack } = await site.does<{ wayBack: { following: { state: string } | null } }>(
    "status",
  );
  return difference({ following: "working" }, { following: wayBack.following?.state });
}

async function databasesOf(scene: Scene): Promise<Databases> {
  const { serving, generations } = await scene.status();
  const left = generations.find(({ number }) => number !== serving);
  if (serving === null || !left) throw new Error("no version is left");
  const name = (number: number) => `biomaid-${scene.site.instance}-g${number}-db`;
  return { left: name(left.number), serving: name(serving), number: serving };
}
