/** Serving, candidate, up to three kept to return to, and one left by a rollback. */
export const slotCount = 6;

/** Where things are inside containers. */
export const paths = {
  control: "/run/biomaid/control",
  gate: "/run/biomaid/gate",
  replication: "/run/biomaid/replication",
  databaseSocket: "/run/biomaid/db",
  data: "/var/lib/postgresql/data",
  configuration: "/config",
  secrets: "/run/secrets",
  media: "/srv/media",
  backups: "/srv/backups",
  seen: "/srv/seen",
  slot: (slot: number) => `/run/biomaid/slot-${slot}`,
} as const;

/**
 * Number and slot of the generation that is only rehearsed. It is never written to the state, and
 * everything made for it carries this number.
 */
export const rehearsalNumber = 0;

/**
 * Number of the generation in which backups are checked. As a rehearsal's, it is never written to the state, and
 * all that is made for backups carries it.
 */
export const backupNumber = -1;

export const cloneSlotPrefix = "updater_clone_g";

export type Names = ReturnType<typeof namesOf>;

/** Names of an instance's objects in the engine. They are for people; objects are found by label. */
export function namesOf(instance: string) {
  const prefix = `biomaid-${instance}`;
  const special: Readonly<Record<number, string>> = {
    [rehearsalNumber]: `${prefix}-rehearsal`,
    [backupNumber]: `${prefix}-backup`,
  };
  const ofGeneration = (generation: number) => special[generation] ?? `${prefix}-g${generation}`;
  return {
    network: prefix,
    /** The lock, and the shell that moves the pointer. */
    control: `${prefix}-control`,
    /** The shell that copies media. */
    mediaShell: `${prefix}-media-shell`,
    /** What reads and writes backups. */
    backupKeeper: `${prefix}-backup-keeper`,
    /** What takes snapshots, and brings them back. */
    snapshots: `${prefix}-snapshots`,
    /** What an operation runs in. */
    operator: `${prefix}-operator`,
    /** What runs the jobs when they are due. */
    scheduler: `${prefix}-scheduler`,
    /** The job that runs; its name is the lock that lets one run at a time. */
    job: `${prefix}-job`,
    /** The shell that writes down what belongs to no operation, and its lock. */
    book: `${prefix}-book`,
    proxy: `${prefix}-proxy`,
    gates: [`${prefix}-gate-1`, `${prefix}-gate-2`],
    gateVolume: `${prefix}-gate`,
    media: `${prefix}-media`,
    backups: `${prefix}-backups`,
    /** Which users have seen what is new. */
    seen: `${prefix}-seen`,
    replication: `${prefix}-replication`,
    slot: (slot: number) =>
      slot === rehearsalNumber ? `${prefix}-rehearsal-slot` : `${prefix}-slot-${slot}`,
    /** Lets people look at a rehearsal that is kept. */
    rehearsalProxy: `${prefix}-rehearsal-proxy`,
    application: (generation: number) => `${ofGeneration(generation)}-app`,
    database: (generation: number) => `${ofGeneration(generation)}-db`,
    clone: (generation: number) => `${ofGeneration(generation)}-clone`,
    data: (generation: number) => `${ofGeneration(generation)}-data`,
    configuration: (generation: number) => `${ofGeneration(generation)}-config`,
    databaseSocket: (generation: number) => `${ofGeneration(generation)}-dbsocket`,
    /** Slot of the serving database that keeps its log for the clone of a candidate. */
    cloneSlot: (generation: number) => `${cloneSlotPrefix}${generation}`,
    /** Slot of the serving database that keeps its log for the previous one, which follows. */
    followSlot: "updater_follow",
  } as const;
}
