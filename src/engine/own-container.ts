import { readFile } from "node:fs/promises";
import { clientOf, type Engine, unlessGone } from "./connect.ts";

/** The container this program runs in; nothing on a machine, and in some other engine's container. */
export async function ownContainer(engine: Engine) {
  const mounts = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
  // What it is mounted at tells a container of ours from a machine that sees what its containers have mounted.
  const id = /\/containers\/([0-9a-f]{64})\/hostname \/etc\/hostname /.exec(mounts)?.[1];
  if (id === undefined) return undefined;
  return await unlessGone(clientOf(engine).getContainer(id).inspect());
}

/** Id of the image of that container. */
export async function ownImage(engine: Engine): Promise<string | undefined> {
  return (await ownContainer(engine))?.Image;
}

/** What of that container's files is the engine's machine's too. */
export interface MountedFolder {
  /** In the container. */
  readonly folder: string;
  /** On the engine's machine. */
  readonly source: string;
}

/** The mount by which that container has a path; nothing where it has it by none, and on a machine. */
export async function mountOf(engine: Engine, path: string): Promise<MountedFolder | undefined> {
  const mounts = (await ownContainer(engine))?.Mounts ?? [];
  const found = mounts
    .filter(({ Destination }) => `${path}/`.startsWith(`${Destination}/`))
    .toSorted((one, other) => other.Destination.length - one.Destination.length);
  return found[0] && { folder: found[0].Destination, source: found[0].Source };
}
