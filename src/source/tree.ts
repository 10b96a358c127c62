import { posix } from "node:path";
import { UpdaterError } from "../errors.ts";

/**
 * Refuses a tree that would reach outside the folder it is unpacked into: links that leave it, and names
 * that no honest tree has. Submodules are empty folders in an archive, so they need nothing.
 */
export async function verifyTree(
  tree: string,
  repository: string,
  ask: (args: readonly string[]) => Promise<string | undefined>,
): Promise<void> {
  const listing = await ask(["ls-tree", "-r", "-z", "--full-tree", tree]);
  if (listing === undefined) throw new UpdaterError("repositoryDamaged", { repository });
  const entries = listing
    .split("\0")
    .filter(Boolean)
    .map((line) => /^(\d+) \w+ (\w+)\t(.*)$/s.exec(line) ?? []);
  for (const [, mode, object = "", path = ""] of entries) {
    if (!isHonestPath(path)) throw new UpdaterError("treeUnsafe", { repository, path });
    if (mode !== "120000") continue;
    const target = await ask(["cat-file", "blob", object]);
    if (target === undefined) throw new UpdaterError("repositoryDamaged", { repository });
    if (!staysInside(path, target)) throw new UpdaterError("treeUnsafe", { repository, path });
  }
}

/**
 * Whether a link at `path` points inside the tree. `..` is accepted at the start only: the folders of a
 * tree are real, so leading `..` mean what they seem to, whereas after another link they would not.
 */
export function staysInside(path: string, target: string): boolean {
  if (target === "" || target.startsWith("/") || target.includes("\0")) return false;
  const parts = target.split("/").filter((part) => part !== "" && part !== ".");
  const climbs = parts.findIndex((part) => part !== "..");
  if (climbs >= 0 && parts.includes("..", climbs)) return false;
  const depth = posix.dirname(path) === "." ? 0 : posix.dirname(path).split("/").length;
  return parts.filter((part) => part === "..").length <= depth;
}

function isHonestPath(path: string): boolean {
  return path.split("/").every((part) => !/^(\.|\.\.|\.git|)$/i.test(part));
}
