import { docker } from "../support/docker.ts";
import { tags } from "../support/miniature.ts";
import { throughput } from "../support/traces.ts";
import { kill } from "./container-kills.ts";
import type { Fault } from "./fault.ts";
import { loseProcesses, restart } from "./engine-faults.ts";
import type { Stage } from "./stage.ts";

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
  readonly strike: (stage: Stage, databases: Databases) => Promise<void>;
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
      await (await docker()).getContainer(left).pause();
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
    strike: restart,
  },
  {
    name: "the machine loses power while it follows",
    felt: true,
    strike: loseProcesses,
  },
];

/** Whatever happens to the version left, a rollback brings it back with every write, and asks nothing. */
export const followerFaults: readonly Fault[] = [
  ...troubles.map(({ name, felt, strike }): Fault => ({
    name,
    class: kind,
    async run(stage) {
      await begin(stage);
      const problems = await stage.underLoad(
        async (work) => {
          await strike(stage, await databasesOf(stage));
          await work.everythingIsAnswered();
          await stage.does("rollback");
          await work.everybodySees(tags.first);
        },
        { failing: felt },
      );
      return [...problems, ...(await stage.goesOn())];
    },
  })),
  ...returning.map((step): Fault => ({
    name: `rollback, its database killed at ${step}`,
    class: kind,
    async run(stage) {
      await begin(stage);
      const { left } = await databasesOf(stage);
      let killed: Promise<boolean> | undefined;
      const problems = await stage.underLoad(
        async () => {
          const { transcript } = await stage.site.operate(["rollback"], (event) => {
            if (event.type !== "step-started" || event.step !== step) return;
            killed ??= kill(left);
          });
          if (!(await killed)) throw new Error(`not killed at ${step}: ${transcript}`);
          await stage.does("recover");
          if ((await stage.servingTag()) !== tags.first) await stage.does("rollback");
        },
        // At the switch it begins to serve.
        { failing: step === "commit" },
      );
      return [...problems, ...(await stage.goesOn())];
    },
  })),
];

/** A swap of its own: what an earlier fault did to the version left is no part of this one. */
async function begin(stage: Stage): Promise<void> {
  await stage.reach(tags.first);
  await stage.reach(tags.additive);
}

async function databasesOf(stage: Stage): Promise<Databases> {
  const { serving, generations } = await stage.status();
  const left = generations.find(({ number }) => number !== serving);
  if (serving === null || !left) throw new Error("no version is left");
  const name = (number: number) => `biomaid-${stage.site.instance}-g${number}-db`;
  return { left: name(left.number), serving: name(serving), number: serving };
}
