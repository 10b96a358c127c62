import { messageOf, UpdaterError } from "../errors.ts";
import { waitForDatabase } from "../instance/database-ready.ts";
import { removeParts } from "../instance/prune.ts";
import { abortable } from "../lib/abortable.ts";
import { readCarried } from "../postgres/carried.ts";
import type { Database } from "../postgres/connect.ts";
import { beginCopying, endCopying, restartSettings, slotOf } from "../postgres/live-copy.ts";
import { restartFacts } from "../postgres/restart-facts.ts";
import type { OperationContext } from "../runner/context.ts";
import { output } from "../runner/outputs.ts";
import type { Step } from "../runner/step.ts";
import { closeGate } from "../steps/close-gate.ts";
import type { CandidateContext, CopyContext, SwitchContext } from "../steps/context.ts";
import { copyContainerLog } from "../steps/copy-container-log.ts";
import { prepareGates, stopGates } from "../steps/start-gates.ts";
import { tellOfHeld } from "./held.ts";
import { ensureCluster, restartCluster, restartOf } from "./machine-cluster.ts";

/** How the rows of a machine's database come: as SQL while users wait, or beside them. */
export const wayOfRows = output<"dump" | "replication">("how the rows come");

/** A restart of the machine's cluster, which goes on should the step be interrupted. */
const restarting = output<Promise<void>>("a restart of the machine's cluster");

/** Milliseconds that a cluster may take to write what it has in memory. */
const checkpointLimitMs = 10 * 60_000;

type Asked = { readonly restartDatabase?: boolean };

/**
 * What keeps the machine's database from being copied while it is written to.
 * @throws UpdaterError `restartNeeded` where nobody has agreed to it; `restartUnknown`, `restartUnsafe`
 */
export async function refuseRestart(
  machine: Database,
  { restartDatabase = false }: Asked,
): Promise<void> {
  const settings = await restartSettings(machine);
  if (settings.length === 0) return;
  const { databases, pending, faults } = await restartFacts(machine);
  const changes = settings.map(({ name, value }) => `${name} = ${value}`);
  if (!(await restartOf(machine))) {
    const statements = settings.map(({ name, value }) => `ALTER SYSTEM SET ${name} = ${value}`);
    throw new UpdaterError("restartUnknown", { statements });
  }
  if (faults.length > 0) throw new UpdaterError("restartUnsafe", { faults });
  if (!restartDatabase) throw new UpdaterError("restartNeeded", { changes, databases, pending });
}

type Machine = Pick<SwitchContext, "instance" | "sessions" | "serving">;
/** What undoing a copy needs. */
export type CopyUndo = Machine &
  Pick<CandidateContext, "candidate"> &
  Pick<OperationContext, "control" | "hold" | "outputs">;

/**
 * Prepares the machine's cluster for being copied from while it is written to. Should it have to be restarted for that, users
 * wait at a gate of its own meanwhile.
 */
export const enableReplication: Step<
  SwitchContext & CopyContext & Asked & { readonly expectedHoldMs: number | undefined },
  CopyUndo
> = {
  name: "enable-replication",
  gate: "closed",

  async apply(context, signal) {
    const { instance, sessions, serving, candidate, outputs, hold } = context;
    if (outputs.get(wayOfRows) === "dump") return;
    const machine = await sessions.database(serving.number);
    // What an earlier one could not put back.
    await endCopying(machine);
    await refuseRestart(machine, context);
    // Users are not to wait for a restart that is in vain.
    tellOfHeld(instance, await readCarried(machine), hold);
    const restart = await restartSettings(machine);
    const copy = await sessions.database(candidate.number);
    await beginCopying(machine, { slot: slotOf(instance.name), copy, restart });
    if (restart.length === 0) return;
    const program = (await restartOf(machine)) ?? [];
    await prepareGates.apply(context, signal);
    // What it has in memory is written beside users, however long that takes.
    await sessions.allow(checkpointLimitMs);
    const beside = await sessions.database(serving.number);
    await abortable(signal, beside.query("CHECKPOINT"));
    await sessions.allow(hold.limitMs);
    await closeGate.apply(context, signal);
    await sessions.closeGeneration(serving.number);
    outputs.set(restarting, restartCluster(program));
    try {
      await outputs.get(restarting);
    } catch (error) {
      throw new UpdaterError("restartFailed", { reason: messageOf(error) }, error);
    }
    await waitForDatabase(instance, serving.number, signal);
    await closeGate.undo?.(context);
    await stopGates.apply(context, signal);
    const missing = await restartSettings(await sessions.database(serving.number));
    if (missing.length > 0) {
      const settings = missing.map(({ name }) => name);
      throw new UpdaterError("restartInVain", { settings });
    }
  },

  async undo(context) {
    const ours = context.outputs.find(restarting);
    await ours?.catch(() => undefined);
    await ensureCluster(context.serving.bareMetal, { ended: ours !== undefined });
    await closeGate.undo?.(context);
    await prepareGates.undo?.(context);
    await leaveMachine(context);
  },
};

/** The copy goes first: it would ask for its slot again. */
export async function leaveMachine(context: CopyUndo): Promise<void> {
  await removeDatabase(context);
  await endCopying(await context.sessions.database(context.serving.number));
}

/** Safe to repeat. */
export async function removeDatabase({
  instance,
  candidate,
  sessions,
}: Pick<CandidateContext, "instance" | "candidate" | "sessions">): Promise<void> {
  await sessions.closeGeneration(candidate.number);
  await copyContainerLog(instance, "database", candidate.number);
  await removeParts(instance, candidate.number);
}
