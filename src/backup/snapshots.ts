import { z } from "zod";
import { UpdaterError } from "../errors.ts";
import type { SnapshotPolicy } from "../config/configuration.ts";
import { type Restic, ResticError } from "./restic.ts";

/** On all of ours, beside what others keep in the same repository. */
export const mark = "biomaid-updater";
/** On one that has not been read back: it is no snapshot yet. */
export const unverified = "unverified";

/** What is known of a snapshot. */
export interface Snapshot {
  /** Eight digits, enough to name it. */
  readonly name: string;
  readonly id: string;
  readonly takenAt: string;
  /** What was serving. */
  readonly tag: string;
  readonly generation: number;
  /** Bytes of all files in it, and of those that no earlier one held. */
  readonly bytes: number;
  readonly added: number;
  /** When it was read back. */
  readonly verifiedAt: string;
  /** Names of the database backups in it. */
  readonly backups: readonly string[];
}

/** The newest first; `drafts` are those that were not read back. */
export interface Snapshots {
  readonly snapshots: readonly Snapshot[];
  readonly drafts: readonly { readonly id: string; readonly takenAt: string }[];
}

const entries = z.array(
  z.object({
    id: z.string(),
    short_id: z.string(),
    time: z.iso.datetime({ offset: true }),
    tags: z.array(z.string()).default([]),
  }),
);

/** Facts of a snapshot as restic keeps them with it; they reach a new machine that has nothing but the repository. */
export function tagsOf(facts: Omit<Snapshot, "name" | "id" | "takenAt">): readonly string[] {
  const { tag, generation, bytes, added, verifiedAt, backups } = facts;
  return [
    mark,
    `version=${tag}`,
    `generation=${generation}`,
    `bytes=${bytes}`,
    `added=${added}`,
    `verified=${verifiedAt}`,
    ...backups.map((name) => `backup=${name}`),
  ];
}

/** What `restic snapshots --json` lists, of one instance; what later versions may write is passed over. */
function parseSnapshots(listing: string): Snapshots {
  const found = entries
    .parse(JSON.parse(listing))
    .toSorted((one, other) => Date.parse(other.time) - Date.parse(one.time));
  const takenAt = (time: string) => new Date(time).toISOString();
  return {
    snapshots: found.flatMap(({ id, short_id: name, time, tags }): Snapshot[] => {
      const values = (key: string) =>
        tags.filter((tag) => tag.startsWith(`${key}=`)).map((tag) => tag.slice(key.length + 1));
      const [tag] = values("version");
      const [verifiedAt] = values("verified");
      if (tag === undefined || verifiedAt === undefined) return [];
      const number = (key: string) => Number(values(key)[0] ?? 0);
      return [
        {
          name,
          id,
          takenAt: takenAt(time),
          tag,
          generation: number("generation"),
          bytes: number("bytes"),
          added: number("added"),
          verifiedAt,
          backups: values("backup"),
        },
      ];
    }),
    drafts: found
      .filter(({ tags }) => tags.includes(unverified))
      .map(({ id, time }) => ({ id, takenAt: takenAt(time) })),
  };
}

/** What looking into a repository may take, milliseconds; restic itself tries for a quarter of an hour. */
const lookLimitMs = 60_000;

/**
 * The snapshots of an instance.
 * @throws ResticError
 */
export async function listSnapshots(
  restic: Restic,
  instance: string,
  signal: AbortSignal,
): Promise<Snapshots> {
  // Looking needs no lock, which a medium that is read-only could not take.
  const list = ["snapshots", "--json", "--no-lock", "--host", instance, "--tag", mark];
  return parseSnapshots(await restic.run(list, { signal, limitMs: lookLimitMs }));
}

/** @param how `perhapsNew`: whether there may never have been any repository */
export function repositoryError(
  { repository }: SnapshotPolicy,
  error: unknown,
  { perhapsNew }: { readonly perhapsNew: boolean },
): unknown {
  if (!(error instanceof ResticError)) return error;
  const { message: reason } = error;
  return new UpdaterError("snapshotRepository", { repository, reason, perhapsNew }, error);
}
