import type os from "node:os";
import { vi } from "vitest";
import { startContainer } from "../../src/engine/containers.ts";
import { labelsOf } from "../../src/engine/labels.ts";
import { mediaCopy } from "../../src/instance/media.ts";
import { backupNumber } from "../../src/instance/names.ts";
import { abortable } from "../../src/lib/abortable.ts";
import type { OperationContext } from "../../src/runner/context.ts";
import * as databases from "./databases.ts";
import * as shell from "./shell.ts";
import { delay, installClock } from "./clock.ts";
import { world } from "./world.ts";

installClock();
// Nobody reads where an error comes from that is part of the game.
Error.stackTraceLimit = 0;

const release = (tag: string) => ({
  tag,
  commit: `commit of ${tag}`,
  archive: () => Promise.reject(new Error("nothing is built here")),
  local: { commit: "local", archive: () => Promise.resolve(undefined) },
});

const read = async <Answer>(name: string, answer: Answer) =>
  await world().effect(name, "read", () => answer);

/** Files and links of the control volume; the only one that is read. */
const readControl = async (names: readonly string[]) =>
  await world().effect(`read ${names.join(", ")}`, "read", () => {
    const { files, links } = world().data;
    return new Map(
      names.flatMap((name) => {
        const content = files.get(`control/${name}`);
        const link = links.get(name);
        if (content === undefined && link === undefined) return [];
        return [[name, { content: Buffer.from(content ?? ""), link }] as const];
      }),
    );
  });

/** As `snapshotSource` does: restic in a container, and what it writes beside the media. */
async function openSnapshot(
  { instance: { engine, name, names }, control }: OperationContext,
  _serving: unknown,
  signal: AbortSignal,
) {
  await startContainer(engine, {
    name: names.snapshots,
    image: "own",
    labels: labelsOf(name, "snapshots", backupNumber),
  });
  await mediaCopy(await control.media(), "begin_foreign", backupNumber);
  const fetch = async () => {
    const { dead, data } = world();
    if (!dead) data.fetching = true;
    const restored = world().effect("restic restore", "write", () => undefined);
    // It ends by itself, and not because nobody waits for it any more.
    await abortable(
      signal,
      restored.finally(() => (data.fetching = false)),
    );
  };
  return {
    backup: { name: "backup" },
    withMedia: true,
    dump: { kind: "archive", ours: true },
    look: () => Promise.resolve(),
    fetch,
  };
}

vi.mock("node:os", async (original) => ({
  ...(await original<typeof os>()),
  userInfo: () => ({ username: "model" }),
}));
vi.mock("node:timers/promises", () => ({ setTimeout: delay }));
vi.mock("../../src/engine/shell.ts", () => ({
  startShell: shell.startShell,
  SessionShell: shell.ModelShell,
}));
vi.mock("../../src/engine/exec.ts", () => ({
  openSession: shell.openSession,
  execute: shell.execute,
}));
vi.mock("../../src/config/load.ts", async (original) => {
  const load = await original<typeof import("../../src/config/load.ts")>();
  const read = new Map<string, ReturnType<typeof load.keptConfiguration>>();
  return {
    ...load,
    // The same one again and again.
    keptConfiguration(file: string, text: string) {
      const key = `${file}\n${text}`;
      if (!read.has(key)) read.set(key, load.keptConfiguration(file, text));
      return read.get(key);
    },
  };
});
vi.mock("../../src/engine/holder-life.ts", () => ({
  ownLife: () => Promise.resolve(String(world().data.life)),
  hasEnded: (_engine: unknown, life: string) => Promise.resolve(life !== String(world().data.life)),
}));
vi.mock("../../src/engine/container-output.ts", () => ({
  attachLines: async () => await read("attach", []),
  lastLines: async () => await read("log", []),
  linesSince: async () => await read("log", []),
  memoryOf: async () => await read("memory", 0),
  outputOf: async () => await read("log", { stdout: "", stderr: "" }),
}));
vi.mock("../../src/engine/files.ts", () => ({
  readFiles: async (_engine: unknown, _id: string, _folder: string, names: readonly string[]) =>
    await readControl(names),
  readVolume: async (_engine: unknown, _where: unknown, names: readonly string[]) =>
    await readControl(names),
  writeVolume: async () => await world().effect("write a volume", "write", () => undefined),
}));
vi.mock("../../src/postgres/connect.ts", () => databases.connect);
vi.mock("../../src/postgres/transaction.ts", () => databases.transaction);
vi.mock("../../src/postgres/replication.ts", () => databases.replication);
vi.mock("../../src/postgres/schema.ts", () => ({
  readSchema: databases.readSchema,
  listTables: databases.listTables,
}));
vi.mock("../../src/postgres/create-database.ts", () => ({
  createOwnedDatabase: databases.createOwnedDatabase,
}));
vi.mock("../../src/postgres/not-carried.ts", () => databases.notCarried);
vi.mock("../../src/postgres/follow/publication.ts", () => databases.publication);
vi.mock("../../src/postgres/follow/follower.ts", () => databases.follower);
vi.mock("../../src/postgres/follow/health.ts", () => ({
  followingState: databases.followingState,
}));
vi.mock("../../src/postgres/follow/written-blocks.ts", () => ({
  positionForLook: () => Promise.resolve(undefined),
  blocksWrittenSince: () => Promise.resolve(undefined),
}));
vi.mock("../../src/postgres/follow/loss.ts", () => databases.loss);
vi.mock("../../src/postgres/follow/plan.ts", () => ({
  planFollowing: databases.planFollowing,
  retiredTables: () => [],
}));
vi.mock("../../src/postgres/follow/sequences.ts", () => ({
  advanceSequences: databases.advanceSequences,
}));
vi.mock("../../src/postgres/follow/serving-tables.ts", () => ({
  servingTables: databases.listTables,
}));
vi.mock("../../src/postgres/follow/constant-defaults.ts", () => ({
  constantDefaults: databases.constantDefaults,
}));
vi.mock("../../src/postgres/follow/repair-references.ts", () => ({
  repairReferences: databases.repairReferences,
  repairedBefore: () => Promise.resolve([]),
}));
vi.mock("../../src/postgres/follow/lost-rows.ts", () => ({
  readLost: () => Promise.resolve([]),
}));
vi.mock("../../src/instance/application.ts", async () => await import("./application.ts"));
vi.mock("../../src/instance/site-files.ts", () => ({
  changedSiteFiles: async () => await read("site's files", []),
  siteDigest: async () => await read("site's digest", "digest"),
}));
vi.mock("../../src/instance/settings-overlay.ts", () => ({
  configurationArchive: () => undefined,
}));
vi.mock("../../src/release/release.ts", () => ({
  findTarget: async (_site: unknown, target: { tag: string }) =>
    await read("release", release(target.tag)),
  findRelease: async (_site: unknown, tag: string) => await read("release", release(tag)),
}));
vi.mock("../../src/release/image.ts", () => ({
  buildRelease: async () => await world().effect("build", "write", () => "image"),
  imageOf: () => Promise.resolve({ tag: "image", built: true }),
}));
vi.mock("../../src/build/build-environment.ts", () => ({
  buildEnvironmentOf: () => Promise.resolve({}),
}));
vi.mock("../../src/build/own-images.ts", () => ({
  ensureOwnImage: async () => await read("own image", "own"),
  updaterImage: async () => await read("own image", "own"),
}));
vi.mock("../../src/runner/preflight.ts", () => {
  const agrees = () => Promise.resolve();
  return {
    refuseOlder: () => undefined,
    refuseServing: agrees,
    refuseSmallDisk: agrees,
    refuseSmallMemory: agrees,
    refuseSmallRoom: agrees,
    refuseStopped: agrees,
    refuseUnhealthyServing: agrees,
    diskNeeds: async () => await read("disk", { needed: 0, free: 1 }),
    freeMemory: async () => await read("memory", 1),
  };
});
vi.mock("../../src/release/compare-sources.ts", () => ({
  compareSources: async () => await read("sources", {}),
}));
vi.mock("../../src/postgres/compare-data.ts", () => ({ compareData: databases.compareData }));
vi.mock("../../src/postgres/digest.ts", () => databases.digest);
vi.mock("../../src/postgres/consistency.ts", () => ({
  readSequences: databases.readSequences,
  brokenConstraints: databases.brokenConstraints,
}));
vi.mock("../../src/postgres/follow/mapping.ts", () => ({
  mappingFailures: databases.mappingFailures,
}));
vi.mock("../../src/rehearsal/rehearsal-report.ts", () => ({
  reportOf: ({ id, release: to }: { id: string; release: object }) =>
    Promise.resolve({
      id,
      to: { ...to, local: undefined, localCommit: "local", image: "image", imageId: "image" },
      data: { position: "0/1" },
      finishedAt: new Date(Date.now()).toISOString(),
      verdict: "ready",
      findings: [],
      hold: null,
      rollback: [],
    }),
}));
vi.mock("../../src/backup/restore-source.ts", () => ({
  findSource: async () =>
    await read("backup", {
      tag: "1",
      open: openSnapshot,
    }),
}));
vi.mock("../../src/backup/restore-dump.ts", () => ({
  restoreInto: async () => await world().effect("restore a dump", "write", () => undefined),
  loadFixture: {},
  restoreDatabase: {},
}));
vi.mock("../../src/backup/list-snapshots.ts", () => ({
  refuseUnusableRepository: () => Promise.resolve(),
}));
vi.mock("../../src/messages/store.ts", () => ({
  canTell: () => Promise.resolve(true),
  changeMessages: async () => await world().effect("messages", "write", () => undefined),
  endOtherNews: async () => await world().effect("end other news", "write", () => undefined),
}));
