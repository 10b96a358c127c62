import { removeContainers } from "../engine/containers.ts";
import { label } from "../engine/labels.ts";
import { type Control, tryInstanceLock, withInstanceLock } from "../instance/instance-lock.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { rehearsalNumber } from "../instance/names.ts";
import type { State } from "../instance/state.ts";
import { backupThere, rehearsalThere, removeRehearsalParts } from "../rehearsal/rehearsal.ts";
import { findInstance, type InstanceView, readInstance } from "../instance/read-instance.ts";
import { clearBackup } from "../backup/back-up.ts";
import { dropSlot } from "../postgres/replication.ts";
import { Sessions } from "../runner/sessions.ts";
import type { NoteCode } from "../text/catalogue.ts";

/**
 * Removes what a rehearsal or a backup that was killed has left. Every command begins with it; it costs
 * two questions to the engine each where there is nothing to remove.
 */
export async function tidyRemains(instance: Instance): Promise<void> {
  try {
    if ((await rehearsalThere(instance)) === "remains") await tidyRehearsal(instance);
    if (await backupThere(instance)) await tidyBackup(instance);
  } catch (thrown) {
    // Whatever was asked for can do without.
    const error = new UpdaterError("rehearsalNotTidied", { reason: messageOf(thrown) }, thrown);
    instance.reporter.event({ type: "warning", error });
  }
}

async function tidyRehearsal(instance: Instance): Promise<void> {
  const view = await findInstance(instance.engine, instance.name);
  if (!view) return;
  await tidy(instance, view, "rehearsal-tidied", async () => {
    if ((await rehearsalThere(instance)) !== "remains") return false;
    await removeRehearsal(instance, view.serving?.number);
    return true;
  });
}

async function tidyBackup(instance: Instance): Promise<void> {
  const view = await findInstance(instance.engine, instance.name);
  // A swap's backup is undone with the swap.
  if (!view || view.journal) return;
  await tidy(instance, view, "backup-tidied", async (control) => {
    await clearBackup({ instance, control, sessions: new Sessions(instance) });
    return true;
  });
}

async function tidy(
  instance: Instance,
  { state }: InstanceView,
  note: NoteCode,
  work: (control: Control) => Promise<boolean>,
): Promise<void> {
  const removed = await tryInstanceLock(instance.engine, lockOf(instance, state), work);
  if (removed) instance.reporter.event({ type: "note", note });
}

/** Removes a rehearsal that was kept to be looked at; returns whether there was one. */
export async function removeKeptRehearsal(instance: Instance): Promise<boolean> {
  const { state, serving } = await readInstance(instance.engine, instance.name);
  return await withInstanceLock(instance.engine, lockOf(instance, state), async () => {
    if ((await rehearsalThere(instance)) === "none") return false;
    await removeRehearsal(instance, serving?.number);
    return true;
  });
}

const lockOf = ({ name: instance }: Instance, { proxyImage: image }: State) => ({
  instance,
  image,
  operation: "rehearse --remove",
});

/** The copy may still be a standby that production keeps its log for. */
async function removeRehearsal(instance: Instance, serving: number | undefined): Promise<void> {
  const sessions = new Sessions(instance);
  try {
    // Its reader would take it again.
    await removeContainers(instance.engine, {
      [label.instance]: instance.name,
      [label.generation]: String(rehearsalNumber),
    });
    // While volumes still tell of it: a slot that is forgotten keeps the log for ever.
    if (serving !== undefined) {
      const database = await sessions.database(serving);
      await dropSlot(database, instance.names.cloneSlot(rehearsalNumber));
    }
    await removeRehearsalParts(instance);
  } finally {
    await sessions.close();
  }
}
