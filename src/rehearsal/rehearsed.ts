import { imageLabels, imageId } from "../engine/images.ts";
import { UpdaterError } from "../errors.ts";
import type { Configuration } from "../config/configuration.ts";
import type { Instance } from "../instance/instance.ts";
import type { Generation, Rehearsed, RehearsalRecord, State } from "../instance/state.ts";
import { writtenSince } from "../postgres/replication.ts";
import { imageOf } from "../release/image.ts";
import type { Release, ReleaseSource } from "../release/release.ts";
import type { OperationContext } from "../runner/context.ts";
import { type Guardrail, type Guardrails } from "../runner/guardrails.ts";
import { usableShare } from "../runner/hold.ts";
import type { Sessions } from "../runner/sessions.ts";

/**
 * The last rehearsal of a release, with these local settings and these of the site, on the data of this
 * generation.
 * @param settings digest of the site's files
 */
export function rehearsalOf(
  { rehearsals }: Pick<State, "rehearsals">,
  release: Pick<Release, "commit"> & { readonly local: { readonly commit: string } },
  serving: Generation,
  settings: string,
): RehearsalRecord | undefined {
  return rehearsals.findLast(
    (record) =>
      record.commit === release.commit &&
      record.localCommit === release.local.commit &&
      record.serving === serving.number &&
      (record.settings ?? settings) === settings,
  );
}

export async function findRehearsal(
  instance: Instance,
  sessions: Sessions,
  release: ReleaseSource,
  record: RehearsalRecord | undefined,
): Promise<Rehearsed> {
  if (!record) return { kind: "none" };
  const { engine, configuration } = instance;
  const old = Date.now() - Date.parse(record.finishedAt) > configuration.rehearse.maxAgeMs;
  const image = await imageOf(instance, release);
  const rebuilt = image.tag !== record.image || !(await isThere(engine, record));
  // One that was never built was tried on no data.
  const written =
    record.position === ""
      ? 0
      : await writtenSince(await sessions.database(record.serving), record.position);
  const because = rebuilt ? "image" : old ? "age" : null;
  return { kind: because ? "stale" : "current", because, record, written };
}

async function isThere(engine: Instance["engine"], record: RehearsalRecord): Promise<boolean> {
  if (record.image === "" || (await imageLabels(engine, record.image)) === undefined) return false;
  return (await imageId(engine, record.image)) === record.imageId;
}

/** Refuses what a rehearsal found not ready, or would be today, unless each of its reasons is overridden. */
export async function askRehearsal(
  rehearsed: Rehearsed,
  { tag, choice }: { tag: string; choice: string },
  { rehearse, hold }: Pick<Configuration, "rehearse" | "hold">,
  guardrails: Guardrails,
): Promise<void> {
  if (rehearsed.kind !== "current" && rehearse.required) {
    await guardrails.ask("not-rehearsed", () => {
      throw new UpdaterError("notRehearsed", { tag, choice, stale: rehearsed.kind === "stale" });
    });
  }
  if (rehearsed.kind === "none") return;
  const { record } = rehearsed;
  const { finishedAt } = record;
  const isTooLong = (record.hold ?? 0) > usableShare * hold.maxMs;
  const blocking = [...new Set([...record.blocking, ...(isTooLong ? ["hold-too-long"] : [])])];
  const left = blocking.filter((code) => !guardrails.overrides(code as Guardrail));
  const codes = left.length > 0 ? left : blocking;
  const [asked] = codes;
  if (asked === undefined) return;
  await guardrails.ask(asked as Guardrail, () => {
    throw new UpdaterError("rehearsalNotReady", { tag, choice, at: finishedAt, codes });
  });
}

/**
 * Lets an operation keep users waiting for as long as it may, by what its rehearsal has found.
 * @returns milliseconds that they probably will; undefined where no rehearsal can be trusted
 */
export async function allowHold(
  { hold, sessions, instance }: Pick<OperationContext, "hold" | "sessions" | "instance">,
  rehearsed: Rehearsed,
  guardrails: Guardrails,
): Promise<number | undefined> {
  const limitMs = longestHold(rehearsed, instance.configuration.hold.maxMs, guardrails);
  hold.allow(limitMs);
  await sessions.allow(limitMs);
  return rehearsed.kind === "current" ? (rehearsed.record.hold ?? undefined) : undefined;
}

/** Milliseconds users may wait when they are to see the maintenance page rather than no update at all. */
function longestHold(rehearsed: Rehearsed, max: number, guardrails: Guardrails): number {
  const hold = rehearsed.kind === "none" ? null : rehearsed.record.hold;
  return guardrails.overrides("hold-too-long") ? Math.max(max, 2 * (hold ?? max)) : max;
}
