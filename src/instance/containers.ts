import type { ContainerSpec } from "../engine/container-spec.ts";
import {
  createContainer,
  runContainer,
  startContainer,
  startCreated,
} from "../engine/containers.ts";
import { writeLink } from "../engine/files.ts";
import { labelsOf } from "../engine/labels.ts";
import { ensureVolume } from "../engine/volumes.ts";
import { startApplicationRelay, startDatabaseRelay } from "./bare-metal.ts";
import type { Instance } from "./instance.ts";
import type { BareMetal } from "./state.ts";
import { backupNumber, type Names, paths, rehearsalNumber } from "./names.ts";
import { ownedBy, users } from "./users.ts";

/** What the database of a generation is made from. */
export interface DatabaseParts {
  readonly number: number;
  readonly databaseImage: string;
  /** From which number on PostgreSQL counts what is made in it; one of its own where it is not said. */
  readonly firstOid?: number;
}

/** What the containers of a generation are made from. */
export interface GenerationParts extends DatabaseParts {
  readonly image: string;
  readonly slot: number;
  /** It was installed by hand: they lead to it. */
  readonly bareMetal?: BareMetal | undefined;
}

/** Seconds a stopping application may take for the requests it is answering. */
export const applicationStopSeconds = 25;

/** Seconds PostgreSQL may take for its shutdown checkpoint. */
export const databaseStopSeconds = 120;

function databaseSpec(instance: Instance, parts: DatabaseParts): Omit<ContainerSpec, "name"> {
  const { names, configuration } = instance;
  return {
    image: parts.databaseImage,
    labels: labelsOf(instance.name, "database", parts.number),
    environment: {
      GENERATION: String(parts.number),
      DATABASE_NAME: configuration.database.name,
      DATABASE_ROLE: configuration.database.role,
      ...(parts.firstOid !== undefined && { FIRST_OID: String(parts.firstOid) }),
    },
    mounts: [
      { volume: names.data(parts.number), path: paths.data },
      { volume: names.databaseSocket(parts.number), path: paths.databaseSocket },
      { volume: names.replication, path: paths.replication },
    ],
    tmpfs: { "/tmp": "", "/run/postgresql": ownedBy(users.database, "0775") },
    sharedMemory: 512 * 1024 * 1024,
    stopSeconds: databaseStopSeconds,
  };
}

/** Volumes only one generation uses. */
export async function createGenerationVolumes(
  instance: Instance,
  generation: number,
): Promise<void> {
  const { engine, names, name } = instance;
  const volumes = [
    ["database-data", names.data],
    ["database-socket", names.databaseSocket],
    ["configuration", names.configuration],
  ] as const;
  for (const [role, nameOf] of volumes) {
    await ensureVolume(engine, nameOf(generation), labelsOf(name, role, generation));
  }
}

/** Starts the database of a generation; it comes back after a reboot. */
export async function startDatabase(
  instance: Instance,
  parts: DatabaseParts & Pick<GenerationParts, "bareMetal">,
): Promise<void> {
  if (parts.bareMetal) return await startDatabaseRelay(instance, parts, parts.bareMetal);
  await startContainer(instance.engine, {
    ...databaseSpec(instance, parts),
    name: instance.names.database(parts.number),
    // What is only tried does not outlive its machine.
    restart: parts.number > rehearsalNumber ? "unless-stopped" : "no",
  });
}

/**
 * Creates the container that copies one generation's database into the volume of another.
 * @returns its id
 */
export async function createClone(
  instance: Instance,
  parts: DatabaseParts,
  from: number,
): Promise<string> {
  const { names } = instance;
  return await createContainer(instance.engine, {
    ...databaseSpec(instance, parts),
    name: names.clone(parts.number),
    labels: labelsOf(instance.name, "clone", parts.number),
    command: ["clone", `${paths.replication}/g${from}`, names.cloneSlot(parts.number)],
  });
}

/** What BiomAid writes besides its database and the media. */
const applicationMemory = {
  "/tmp": "mode=1777",
  "/run/app": ownedBy(users.application),
  "/var/tmp/django_cache": ownedBy(users.application),
};

function ownMounts(names: Names, { number }: GenerationParts) {
  return [
    { volume: names.databaseSocket(number), path: paths.databaseSocket, readOnly: true },
    { volume: names.configuration(number), path: paths.configuration, readOnly: true },
  ];
}

function sharedMounts(names: Names) {
  return [
    { volume: names.media, path: paths.media },
    { volume: names.backups, path: paths.backups },
  ];
}

/** A program of BiomAid's beside its application: the same image, data, network and user, but no slot. */
export function programSpec(
  { names }: Instance,
  parts: GenerationParts,
): Pick<ContainerSpec, "image" | "mounts" | "tmpfs" | "network"> {
  return {
    image: parts.image,
    mounts: [...ownMounts(names, parts), ...sharedMounts(names)],
    tmpfs: applicationMemory,
    network: names.network,
  };
}

function applicationSpec({ name, names, configuration }: Instance, parts: GenerationParts) {
  return {
    name: names.application(parts.number),
    image: parts.image,
    labels: labelsOf(name, "application", parts.number),
    environment: {
      SLOT: paths.slot(parts.slot),
      WORKERS: String(configuration.site.workers),
    },
    mounts: [
      { volume: names.slot(parts.slot), path: paths.slot(parts.slot) },
      ...ownMounts(names, parts),
    ],
    tmpfs: applicationMemory,
    stopSeconds: applicationStopSeconds,
  } satisfies ContainerSpec;
}

/** Creates and starts the application of a generation; it comes back after a reboot. */
export async function startApplication(instance: Instance, parts: GenerationParts): Promise<void> {
  const { engine, name, names } = instance;
  if (parts.bareMetal) return await startApplicationRelay(instance, parts, parts.bareMetal);
  const spec = applicationSpec(instance, parts);
  // An instance may be older than this volume.
  await ensureVolume(engine, names.seen, labelsOf(name, "seen"));
  const seen = { volume: names.seen, path: paths.seen };
  await startContainer(engine, {
    ...spec,
    mounts: [...spec.mounts, ...sharedMounts(names), seen],
    network: names.network,
    restart: "unless-stopped",
  });
}

/**
 * Starts a release on a copy of the data where nothing it does reaches users: it has no network, and
 * the media are read-only.
 * @param as the generation whose settings it runs with, and the slot those settings name
 */
export async function startRehearsedApplication(
  instance: Instance,
  parts: GenerationParts,
  as: { readonly number: number; readonly slot: number } = parts,
): Promise<void> {
  const { engine, names } = instance;
  const spec = applicationSpec(instance, parts);
  await startContainer(engine, {
    ...spec,
    environment: { ...spec.environment, SLOT: paths.slot(as.slot) },
    mounts: [
      { volume: names.slot(parts.slot), path: paths.slot(as.slot) },
      { volume: names.databaseSocket(parts.number), path: paths.databaseSocket, readOnly: true },
      { volume: names.configuration(as.number), path: paths.configuration, readOnly: true },
      { volume: names.media, path: paths.media, readOnly: true },
    ],
    tmpfs: { ...spec.tmpfs, [paths.backups]: ownedBy(users.application) },
  });
}

/**
 * Runs a program on the configuration of a generation, which is all it sees: no database, no media and no
 * network.
 * @returns its exit status, and the last lines it printed
 */
export async function runOnConfiguration(
  instance: Instance,
  parts: GenerationParts,
  program: readonly string[],
  signal: AbortSignal,
): Promise<{ status: number; printed: readonly string[] }> {
  const { image, name, labels, tmpfs } = applicationSpec(instance, parts);
  const configuration = instance.names.configuration(parts.number);
  return await runContainer(
    instance.engine,
    {
      image,
      name,
      labels,
      tmpfs,
      entrypoint: program,
      mounts: [{ volume: configuration, path: paths.configuration, readOnly: true }],
    },
    { lines: 200, signal },
  );
}

/** Where BiomAid's own backup is found in the container of `startBackupApplication`. */
export const backupFile = "/tmp/backup.json.bz2";

/**
 * Starts a place in which commands of the serving release run on the copy a backup is checked in. It has no network,
 * and serves no users.
 */
export async function startBackupApplication(
  { engine, name, names }: Instance,
  { number, image }: Pick<GenerationParts, "number" | "image">,
): Promise<void> {
  const id = await createContainer(engine, {
    name: names.application(backupNumber),
    image,
    labels: labelsOf(name, "application", backupNumber),
    entrypoint: ["sleep", "infinity"],
    mounts: [
      { volume: names.databaseSocket(backupNumber), path: paths.databaseSocket, readOnly: true },
      { volume: names.configuration(number), path: paths.configuration, readOnly: true },
      { volume: names.media, path: paths.media, readOnly: true },
    ],
    tmpfs: {
      "/run/app": ownedBy(users.application),
      "/var/tmp/django_cache": ownedBy(users.application),
    },
    writableRoot: true,
    stopSeconds: 0,
  });
  // BiomAid writes it into the folder it must be started in, where its user may write nothing.
  const link = { folder: "/app", name: "backup.json.bz2", target: backupFile };
  await writeLink(engine, id, link);
  await startCreated(engine, id);
}
