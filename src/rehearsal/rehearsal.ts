import { listContainers, publishedAt, runToEnd, startContainer } from "../engine/containers.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { ensureVolume, listVolumes, removeVolumes } from "../engine/volumes.ts";
import type { Instance } from "../instance/instance.ts";
import { backupNumber, paths, rehearsalNumber } from "../instance/names.ts";
import { removeParts } from "../instance/prune.ts";
import { ownedBy, userAndGroup, users } from "../instance/users.ts";
import { prepareSlotCommand } from "../instance/slot.ts";

/** What there is of a rehearsal: one that people may still look at, or the rest of one that was cut off. */
export async function rehearsalThere(instance: Instance): Promise<"none" | "kept" | "remains"> {
  const [containers, volumes] = await partsOf(instance, rehearsalNumber);
  if (containers.some(({ name }) => name === instance.names.rehearsalProxy)) return "kept";
  return containers.length + volumes.length > 0 ? "remains" : "none";
}

/** Whether anything is there in which a backup was made or checked. */
export async function backupThere(instance: Instance): Promise<boolean> {
  return (await partsOf(instance, backupNumber)).flat().length > 0;
}

async function partsOf({ engine, name }: Instance, generation: number) {
  const labels = { [label.instance]: name, [label.generation]: String(generation) };
  return await Promise.all([listContainers(engine, labels), listVolumes(engine, labels)]);
}

/** Deletes everything of a rehearsal but the image, which a swap needs. */
export async function removeRehearsalParts(instance: Instance): Promise<void> {
  await removeParts(instance, rehearsalNumber);
}

/** An empty slot of its own, which the site's proxy does not see. */
export async function prepareRehearsalSlot(instance: Instance): Promise<void> {
  const { engine, name, names } = instance;
  const labels = labelsOf(name, "slot", rehearsalNumber);
  await removeVolumes(engine, labels);
  await ensureVolume(engine, names.slot(rehearsalNumber), labels);
  const slot = paths.slot(rehearsalNumber);
  await runToEnd(engine, {
    name: `${names.slot(rehearsalNumber)}-prepare`,
    image: await proxyImageOf(instance),
    labels: labelsOf(name, "scratch", rehearsalNumber),
    entrypoint: prepareSlotCommand(slot),
    user: userAndGroup(users.root),
    capabilities: ["CHOWN"],
    mounts: [{ volume: names.slot(rehearsalNumber), path: slot }],
  });
}

async function proxyImageOf({ engine, name }: Instance): Promise<string> {
  const [proxy] = await listContainers(engine, labelsOf(name, "proxy"));
  return proxy?.image ?? "";
}

/**
 * Opens a rehearsal to the users of this machine, under a banner that says what it is.
 * @returns the port of 127.0.0.1
 */
export async function startRehearsalProxy(
  instance: Instance,
  image: string,
  banner: string,
): Promise<number | undefined> {
  const { engine, names, name, configuration } = instance;
  await startContainer(engine, {
    name: names.rehearsalProxy,
    image,
    labels: labelsOf(name, "rehearsal-proxy", rehearsalNumber),
    environment: {
      PROXY_PORT: "8080",
      PROXY_SERVER_NAME: configuration.site.hostNames[0],
      PROXY_REHEARSAL: banner,
    },
    mounts: [
      { volume: names.slot(rehearsalNumber), path: paths.slot(rehearsalNumber), readOnly: true },
      { volume: names.media, path: paths.media, readOnly: true },
    ],
    tmpfs: { "/run/nginx": ownedBy(users.proxy) },
    network: names.network,
    publish: {
      address: "127.0.0.1",
      port: configuration.rehearse.keepPort ?? 0,
      containerPort: 8080,
    },
  });
  return (await publishedAt(engine, names.rehearsalProxy))?.port;
}
