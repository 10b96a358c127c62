import { z } from "zod";
import type { SnapshotPolicy } from "../config/configuration.ts";
import { type Backup, backupFolder } from "./backups.ts";
import { paths } from "../instance/names.ts";
import { readBack } from "./read-snapshot-back.ts";
import { type Restic, ResticError, siteFolder } from "./restic.ts";
import { linesOf, retryWhileLocked } from "./shared-repository.ts";
import { listSnapshots, mark, type Snapshot, tagsOf, unverified } from "./snapshots.ts";
import { json } from "../lib/json.ts";
import { scriptBeside } from "../lib/script.ts";

/** What one is taken of, and told. */
export interface Subject {
  readonly instance: string;
  readonly policy: SnapshotPolicy;
  readonly tag: string;
  readonly generation: number;
  /** Database backups that have been verified. */
  readonly backups: readonly Backup[];
  readonly progress: (done: number, total: number) => void;
}

/**
 * Takes a snapshot and reads it back; deletes those that need no longer be kept. Until it has been read back it has no
 * name, and the next one deletes it.
 * @throws ResticError
 */
export async function takeSnapshot(
  restic: Restic,
  subject: Subject,
  signal: AbortSignal,
): Promise<Snapshot> {
  const { instance, policy, backups } = subject;
  const ask = async (...argv: readonly string[]) => await retryWhileLocked(restic, argv, signal);
  const { snapshots, drafts } = await listSnapshots(restic, instance, signal);
  const before = new Set(linesOf(await ask("list", "packs", "--quiet")));
  const parent = [...snapshots, ...drafts].toSorted(byAge)[0]?.id;
  const { id, bytes, added } = await save(restic, subject, parent, signal);
  const packs = linesOf(await ask("list", "packs", "--quiet")).filter((pack) => !before.has(pack));
  await readBack(restic, { id, packs, before: before.size, backups }, signal);
  const facts = {
    tag: subject.tag,
    generation: subject.generation,
    bytes,
    added,
    verifiedAt: new Date().toISOString(),
    backups: backups.map(({ name }) => name),
  };
  await ask("tag", "--quiet", ...tagsOf(facts).flatMap((tag) => ["--set", tag]), id);
  const old = drafts.map((draft) => draft.id);
  if (old.length > 0) await ask("forget", "--quiet", ...old);
  const { last, daily, weekly, monthly } = policy.keep;
  const kept = Object.entries({ last, daily, weekly, monthly })
    .filter(([, count]) => count > 0)
    .flatMap(([unit, count]) => [`--keep-${unit}`, String(count)]);
  const own = ["--host", instance, "--tag", mark, "--group-by", "host"];
  await ask("forget", "--quiet", ...own, ...kept, "--prune");
  // With its new tags it has another name.
  const { snapshots: now } = await listSnapshots(restic, instance, signal);
  const made = now.find(({ verifiedAt }) => verifiedAt === facts.verifiedAt);
  if (!made) throw new ResticError(0, `${id} is not there any more`);
  return made;
}

const summary = z.object({
  message_type: z.literal("summary"),
  snapshot_id: z.string(),
  total_bytes_processed: z.number(),
  data_added: z.number(),
});
const status = z.object({
  message_type: z.literal("status"),
  bytes_done: z.number().default(0),
  total_bytes: z.number(),
});

/** A file that could not be read; restic goes on, and ends with this status. */
const unreadable = z.object({ message_type: z.literal("error"), item: z.string() });
const incomplete = 3;

async function save(
  restic: Restic,
  { instance, backups, progress }: Subject,
  parent: string | undefined,
  signal: AbortSignal,
): Promise<{ id: string; bytes: number; added: number }> {
  const files = backups.flatMap(({ name }) => [name, `${name}.manifest`]);
  let saved: z.infer<typeof summary> | undefined;
  const line = (text: string) => {
    const { success, data } = json(status).safeParse(text);
    if (success) progress(data.bytes_done, data.total_bytes);
    saved = json(summary).safeParse(text).data ?? saved;
  };
  const unread: string[] = [];
  const complaint = (text: string) => {
    const { success, data } = json(unreadable).safeParse(text);
    if (success) unread.push(data.item);
  };
  await retryWhileLocked(
    restic,
    [
      "backup",
      "--json",
      `--host=${instance}`,
      `--tag=${mark},${unverified}`,
      // Paths differ from one to the next, by the names of backups: it would not find one itself.
      ...(parent === undefined ? ["--force"] : ["--parent", parent]),
      `--exclude=${paths.media}/.updater`,
      paths.media,
      paths.configuration,
      siteFolder,
      ...files.map((file) => `${backupFolder}/${file}`),
    ],
    signal,
    { line, complaint, accept: [0, incomplete] },
  );
  // What users delete meanwhile is not there to be read, and is no reason to fail.
  await restic.script(checkUnread, unread, { signal });
  if (!saved) throw new ResticError(0, "restic backup has not said what it saved");
  return {
    id: saved.snapshot_id,
    bytes: saved.total_bytes_processed,
    added: saved.data_added,
  };
}

const checkUnread = scriptBeside(import.meta.url, "check-unread.sh");

const byAge = (one: { takenAt: string }, other: { takenAt: string }) =>
  Date.parse(other.takenAt) - Date.parse(one.takenAt);
