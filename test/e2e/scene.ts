import { expect } from "vitest";
import type { LedgerReport } from "../support/ledger.ts";
import { describe as describeLoad, Users, type Work } from "../support/miniature-load.ts";
import { createSite, type Operation, type Site } from "../support/site.ts";
import { heldBy, traces, type Traces } from "../support/traces.ts";

/** A site of the miniature with 20 users. */
export interface Scene {
  readonly site: Site;
  readonly users: Users;
}

/** What `status --json` says. */
export interface Status {
  readonly serving: number | null;
  readonly gateClosed: boolean;
  readonly operation: object | null;
  readonly generations: readonly {
    readonly number: number;
    readonly tag: string;
    readonly role: string;
    readonly running: boolean;
    readonly slot: number;
    readonly localCommit: string;
  }[];
}

/** What `history --json` says of one operation. */
interface Past {
  readonly operation: string;
  readonly from: string | null;
  readonly to: string;
  readonly outcome: string;
}

/** A new site at a release, with the data of its dump. */
export async function setScene(instance: string, tag: string): Promise<Scene> {
  const site = await createSite(instance);
  try {
    expectExit(await site.operate(["init", tag, "--from-dump", site.dump]), 0);
    return { site, users: new Users(site.origin) };
  } catch (error) {
    await site.remove();
    throw error;
  }
}

/** Does something while users are at work, who notice nothing but perhaps another edition. */
export async function underLoad<Result>(
  { users }: Scene,
  act: (work: Work) => Promise<Result>,
): Promise<{ work: Work; result: Result }> {
  const work = await users.work();
  let result;
  try {
    result = await act(work);
    await work.everythingIsAnswered();
  } finally {
    const report = await work.stop();
    expect(report.failed, describeLoad(report)).toBe(0);
  }
  return { work, result };
}

/** Every write that was acknowledged is in the database of the generation once, as it was sent, and no other. */
export async function expectExact(
  { site }: Scene,
  { ledger }: Work,
  generation: number,
): Promise<void> {
  const report = await ledger.verify(heldBy(site.instance, generation));
  expect(report.acknowledged).toBeGreaterThan(0);
  expect(report).toMatchObject({
    unacknowledged: 0,
    missing: [],
    duplicated: [],
    altered: [],
    unknown: [],
  } satisfies Partial<LedgerReport>);
}

/** Everybody's pages were of these editions in this order; somebody may have come late. */
export function expectEditions({ editions }: Work, order: readonly string[]): void {
  expect(editions.size).toBeGreaterThan(0);
  for (const seen of editions.values()) expect(order.slice(-seen.length)).toEqual(seen);
}

export function expectExit(operation: Operation, exitCode: number): void {
  expect(operation.exitCode, operation.transcript).toBe(exitCode);
}

/** The code and the words of the error an operation ended with. */
export function errorOf({ result }: Operation): { code: string; what: string; next: string } {
  return result["error"] as ReturnType<typeof errorOf>;
}

export async function statusOf({ site }: Scene): Promise<Status> {
  const { exitCode, stdout, all } = await site.updater("--json", "status");
  expect(exitCode, all).toBe(0);
  return JSON.parse(stdout) as Status;
}

/** Operations so far, the last one last. */
export async function historyOf({ site }: Scene): Promise<readonly Past[]> {
  const { exitCode, stdout, all } = await site.updater("--json", "history");
  expect(exitCode, all).toBe(0);
  return (JSON.parse(stdout) as { operations: Past[] }).operations;
}

/** The static file that says which release it is of. */
export async function staticEdition({ site }: Scene): Promise<string> {
  return (await (await fetch(`${site.origin}/static/edition.txt`)).text()).trim();
}

/** What must be the same before and after an operation that came to nothing. */
export interface Picture {
  readonly status: Status;
  readonly static: string;
  /** Without images: those are a cache until something is tidied. */
  readonly traces: Omit<Traces, "images">;
}

export async function pictureOf(scene: Scene): Promise<Picture> {
  const { images: _, ...found } = await traces(scene.site.instance);
  const { serving, gateClosed, operation, generations } = await statusOf(scene);
  return {
    status: { serving, gateClosed, operation, generations },
    static: await staticEdition(scene),
    traces: found,
  };
}
