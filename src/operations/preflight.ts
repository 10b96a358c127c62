import { UpdaterError } from "../errors.ts";
import { execute } from "../engine/exec.ts";
import { isRunning } from "../engine/containers.ts";
import type { Instance } from "../instance/instance.ts";
import { paths } from "../instance/names.ts";
import type { Generation } from "../instance/state.ts";
import { clusterSize } from "../postgres/replication.ts";
import { compareVersions } from "../source/versions.ts";
import type { Release } from "./context.ts";
import type { Sessions } from "./sessions.ts";

/** Room for the candidate's image, its log files and what users write meanwhile, bytes. */
const spare = 2_000_000_000;

/** @throws UpdaterError `alreadyServing`, `olderThanServing` */
export function refuseUselessRelease(release: Release, serving: Generation): void {
  if (release.commit === serving.commit && release.local.commit === serving.localCommit) {
    throw new UpdaterError("alreadyServing", { tag: release.tag });
  }
  if (compareVersions(release.tag, serving.tag) < 0) {
    throw new UpdaterError("olderThanServing", { tag: release.tag, serving: serving.tag });
  }
}

/** @throws UpdaterError `servingStopped`, `servingUnhealthy` */
export async function refuseUnhealthyServing(
  { engine, names }: Instance,
  sessions: Sessions,
  serving: Generation,
  signal: AbortSignal,
): Promise<void> {
  for (const container of [
    names.proxy,
    names.database(serving.number),
    names.application(serving.number),
  ]) {
    if (!(await isRunning(engine, container))) {
      throw new UpdaterError("servingStopped", { container });
    }
  }
  const application = await sessions.application(serving.number);
  const failing = (await application.knock(signal)).filter(({ status }) => status !== 200);
  if (failing.length === 0) return;
  throw new UpdaterError("servingUnhealthy", {
    tag: serving.tag,
    pages: failing.map(({ page, status }) => ({ page, status, signedIn: false })),
  });
}

/** @throws UpdaterError `diskTooSmall` when the clone would not fit beside the serving database */
export async function refuseSmallDisk(
  { engine, names }: Instance,
  sessions: Sessions,
  serving: Generation,
): Promise<void> {
  const size = await clusterSize(await sessions.database(serving.number));
  const { stdout } = await execute(engine, names.database(serving.number), [
    "df",
    "--output=avail",
    "--block-size=1",
    paths.data,
  ]);
  const free = Number(stdout.trim().split("\n").at(-1));
  const needed = Math.round(size * 1.2) + spare;
  if (free < needed) throw new UpdaterError("diskTooSmall", { needed, free });
}
