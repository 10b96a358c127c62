import { docker } from "../support/docker.ts";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pack } from "tar-stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectEngine } from "../../src/engine/connect.ts";
import { execute } from "../../src/engine/exec.ts";
import { readVolume, writeVolume } from "../../src/engine/files.ts";
import { labelsOf } from "../../src/engine/labels.ts";
import { namesOf, paths } from "../../src/instance/names.ts";
import { tags } from "../support/miniature.ts";
import { preparedSite } from "../support/prepared-sites.ts";
import type { Site } from "../support/site.ts";
import { changeRows } from "../support/traces.ts";
import { updaterOf } from "../support/updater.ts";
import { type BadInput, foreign, reactionTo, refusal } from "./bad-input.refusal.ts";

const instance = "int-bad-swap";
const names = namesOf(instance);

/** One that serves 0.8.1, its first generation, and must go on as if nothing had been asked. */
let site: Site;
beforeAll(async () => {
  site = await preparedSite(instance, "additive");
});
afterAll(async () => await site?.remove());

function refused(title: string, given: BadInput | (() => BadInput)): void {
  test(`refused: ${title}`, async () => {
    const input = typeof given === "function" ? given() : given;
    expect(await reactionTo(input, site)).toEqual(refusal(input));
  });
}

describe("a swap", () => {
  refused("to a tag that does not exist", {
    argv: ["swap", "0.80.1"],
    refusal: "tagMissing",
    exit: 1,
    mentions: ["0.80.1", "0.8.1", "updater versions"],
  });
  refused("to an option in place of a tag", {
    argv: ["swap", "--", "--upload-pack=x"],
    refusal: "tagRefused",
    exit: 2,
    mentions: ["--upload-pack=x"],
  });
  refused("to the version that is serving", {
    argv: ["swap", "0.8.1"],
    refusal: "alreadyServing",
    exit: 1,
    mentions: ["0.8.1", "updater versions"],
  });
  refused("to an older version", {
    argv: ["swap", "0.8.0"],
    refusal: "olderThanServing",
    exit: 1,
    mentions: ["0.8.0", "0.8.1", "updater rollback"],
  });
  refused("to a version without local settings", {
    argv: ["swap", tags.localMissing],
    refusal: "localRefMissing",
    exit: 1,
    mentions: [tags.localMissing, "[local.refs]"],
  });
  refused("on a disk the clone does not fit on", {
    argv: ["swap", "0.8.2"],
    circumstances: pretendToBeLarge,
    refusal: "diskTooSmall",
    exit: 1,
    mentions: ["updater prune"],
  });
  refused("of a database with tables that its copy would have empty", {
    argv: ["swap", "0.8.2"],
    circumstances: async () => {
      await changeRows(instance, 1, ["CREATE UNLOGGED TABLE essai AS SELECT 1"]);
      return async () => await changeRows(instance, 1, ["DROP TABLE essai"]);
    },
    refusal: "unloggedTables",
    exit: 1,
    mentions: ["public.essai", names.database(1), "SET LOGGED", "--override unlogged"],
  });
  refused("of an application that is stopped", {
    argv: ["swap", "0.8.2"],
    circumstances: async () => {
      const container = (await docker()).getContainer(names.application(1));
      await container.stop();
      return async () => await container.start();
    },
    refusal: "servingStopped",
    exit: 1,
    mentions: [names.application(1), "updater recover"],
  });

  for (const [kind, name, refusal] of [
    ["volume", names.data(2), "foreignVolume"],
    ["container", names.application(2), "foreignContainer"],
    ["container", names.gates[0], "foreignContainer"],
  ] as const) {
    refused(`that needs the name of somebody else's ${kind} ${name}`, {
      argv: ["swap", "0.8.2"],
      circumstances: async () => await foreign(kind, name ?? ""),
      refusal,
      exit: 1,
      mentions: [name ?? "", "docker "],
    });
  }
});

describe("everything else", () => {
  refused("init of an instance that is there", {
    argv: ["init", "0.8.0"],
    refusal: "instanceExists",
    exit: 1,
    mentions: [instance, "updater status"],
  });
  refused("rollback of the first generation", {
    argv: ["rollback"],
    refusal: "nothingToRollBackTo",
    exit: 1,
    mentions: ["updater status"],
  });
  refused("recover when somebody else's container has the name of one that was removed", {
    argv: ["recover"],
    circumstances: async () => {
      const container = (await docker()).getContainer(names.application(1));
      const { Id } = await container.inspect();
      await container.rename({ name: `${names.application(1)}-aside` });
      const restore = await foreign("container", names.application(1));
      return async () => {
        await restore();
        const aside = (await docker()).getContainer(Id);
        await aside.rename({ name: names.application(1) });
      };
    },
    refusal: "foreignContainer",
    exit: 1,
    mentions: [names.application(1), "docker inspect"],
  });
  refused("destroy without naming what to destroy", {
    argv: ["destroy"],
    refusal: "destroyUnconfirmed",
    exit: 1,
    mentions: [`updater destroy --yes ${instance}`],
  });
  refused("destroy that names another instance", {
    argv: ["destroy", "--yes", "production"],
    refusal: "destroyUnconfirmed",
    exit: 1,
  });
  refused("the log of an operation that never was", {
    argv: ["logs", "--operation", "../../etc/passwd"],
    refusal: "operationUnknown",
    exit: 1,
    mentions: ["updater history"],
  });
});

describe("a state that cannot be trusted", () => {
  const untrusted = (title: string, command: string, content: string, ...mentions: string[]) =>
    refused(`${title}: ${command}`, {
      argv: command.split(" "),
      circumstances: async () => await withState(content),
      refusal: "stateDamaged",
      exit: 1,
      mentions: [instance, "state.json", ...mentions],
    });
  const newer = (title: string, state: object, mention: string) =>
    refused(title, {
      argv: ["swap", "0.8.2"],
      circumstances: async () => await withState(JSON.stringify(state)),
      refusal: "writtenByNewer",
      exit: 1,
      mentions: [instance, mention],
    });
  for (const command of ["swap 0.8.2", "rollback", "status", "prune", "init 0.8.0"]) {
    untrusted("cut off", command, '{"version": 1, "inst');
  }
  const empty = {
    version: 1,
    instance,
    proxyImage: "p",
    nextGeneration: 1,
    generations: [],
    history: [],
  };
  newer("of a later version", { ...empty, version: 2 }, "version");
  newer("with a key too many", { ...empty, more: 1 }, "more");
  untrusted("of another instance", "swap 0.8.2", JSON.stringify({ ...empty, instance: "b" }), "b");
});

describe("a copy of the site's folder that has kept its name", () => {
  const copy = () => `${site.folder}-copy`;
  beforeAll(async () => {
    await site.does("backup");
    await cp(site.folder, copy(), { recursive: true });
  });
  afterAll(async () => await rm(copy(), { recursive: true }));

  const elsewhere = async (...argv: string[]) =>
    await updaterOf(join(copy(), "updater.toml")).run(...argv);

  test.each([
    "swap 0.8.2",
    "rollback",
    "prune",
    "recover",
    "rehearse --remove",
    "jobs start",
    `destroy --yes ${instance}`,
  ])("changes nothing: %s", async (command) => {
    const { exitCode, all } = await elsewhere(...command.split(" "));
    expect(all).toContain(`is operated from ${site.folder}, and this is ${copy()}.`);
    expect(all).toContain("updater relocate");
    expect(exitCode).toBe(1);
  });

  test("may look, and is the site's once it is told to be", async () => {
    const { exitCode } = await elsewhere("status");
    expect(exitCode).toBe(0);
    expect((await elsewhere("relocate")).stdout).toContain(`from ${copy()} now, and no longer`);
    const refused = await site.run("prune");
    const allowed = await elsewhere("prune");
    await site.does("relocate");
    expect([refused.exitCode, allowed.exitCode]).toEqual([1, 0]);
  });
});

describe("an instance that was never created", () => {
  for (const command of [
    "swap 0.8.1",
    "rollback",
    "status",
    "history",
    "logs",
    "prune",
    "exec -- id",
  ]) {
    refused(command, {
      argv: command.split(" "),
      tables: { "": 'instance = "int-bad-none"' },
      refusal: "noInstance",
      exit: 1,
      mentions: ["int-bad-none", "updater init"],
    });
  }
});

/** A file with a hole counts as large for PostgreSQL and takes no room. */
async function pretendToBeLarge(): Promise<() => unknown> {
  const engine = await connectEngine();
  const file = `${paths.data}/cluster/base/1/hole`;
  const run = async (...command: string[]) => {
    const { status, stderr } = await execute(engine, names.database(1), command, {
      user: "10004",
    });
    if (status !== 0) throw new Error(stderr);
  };
  await run("truncate", "--size=5T", file);
  return async () => await run("rm", file);
}

async function withState(content: string): Promise<() => unknown> {
  const engine = await connectEngine();
  const volume = {
    image: "biomaid-updater/base:12",
    volume: names.control,
    labels: labelsOf(instance, "scratch"),
  };
  const write = async (state: Buffer | string) => {
    const archive = pack();
    archive.entry({ name: "state.json" }, state);
    archive.finalize();
    await writeVolume(engine, volume, Readable.from(archive));
  };
  const state = (await readVolume(engine, volume, ["state.json"])).get("state.json");
  await write(content);
  return async () => await write(state?.content ?? "not found");
}
