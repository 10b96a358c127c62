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

/**
 * Containers of an instance: what its name ends with, and what it is. The one list: names, what must not belong
 * to others, and the table of docs/architecture.md come from it.
 */
export const containers = {
  proxy: ["-proxy", "nginx; publishes the only port"],
  standIn: [
    "-stand-in",
    "has the place of a gunicorn that was installed by hand, and leads to the proxy ([025](decisions/025-bare-metal.md))",
  ],
  gate: ["-gate-1", "holds requests; only while an operation needs it"],
  secondGate: ["-gate-2", "takes over when the first gate dies"],
  operator: [
    "-operator",
    "what an operation runs in ([decision 011](decisions/011-operator-container.md))",
  ],
  scheduler: [
    "-scheduler",
    "runs jobs when they are due and begins swaps at their moment ([015](decisions/015-jobs.md), [018](decisions/018-scheduled-swaps.md))",
  ],
  control: [
    "-control",
    "while an operation runs: the lock, and the shell that writes the state and turns the pointers ([003](decisions/003-lock-is-a-container.md))",
  ],
  mediaShell: ["-media-shell", "a shell while media are linked, compared or put back"],
  mediaCopier: ["-media-copy", "copies a folder's media into a new site"],
  lockedFileShell: [
    "-book",
    "for a moment: writes down what jobs did and which swaps wait; its name is a lock",
  ],
  job: ["-job", "a run of jobs, or an operation's bar to any; its name is a lock"],
  backupKeeper: ["-backup-keeper", "reads and writes backups while one is made or restored"],
  snapshots: [
    "-snapshots",
    "restic, while a snapshot is taken or fetched ([019](decisions/019-snapshots.md))",
  ],
  rehearsalProxy: ["-rehearsal-proxy", "nginx in front of a rehearsal that is kept"],
} as const satisfies Record<string, readonly [string, string]>;

/** The same for each generation; a rehearsal and a backup that is tried have numbers of their own. */
export const generationContainers = {
  application: ["-app", "BiomAid (gunicorn)"],
  database: ["-db", "PostgreSQL, without a network"],
  clone: ["-clone", "the base backup, while it runs"],
  offer: [
    "-offer",
    "leads the database of a machine, which follows, to the one it follows ([025](decisions/025-bare-metal.md))",
  ],
  source: [
    "-source",
    "leads a database that is being filled to that of the machine, while a site moves in ([025](decisions/025-bare-metal.md))",
  ],
} as const satisfies Record<string, readonly [string, string]>;

/** Volumes of an instance: what its name ends with, what is in it, and who mounts it. */
export const volumes = {
  control: [
    "-control",
    "pointers, `state.json`, `journal.json`, `site.json`, `messages.json`, `messages/`, `logs/`, `rehearsals/`, `jobs.json`, `jobs/`, `scheduled.json`; the proxy and gates read it, the lock and `-book` write it",
  ],
  gateVolume: ["-gate", "the gates' sockets; the proxy reads it"],
  media: [
    "-media",
    "media; applications write, the proxy and snapshots read, `-media-shell`, `-media-copy`",
  ],
  backups: ["-backups", "backups; applications, `-backup-keeper`; snapshots read"],
  seen: ["-seen", "which users have seen what is new; applications"],
  replication: ["-replication", "sockets that databases alone share"],
} as const satisfies Record<string, readonly [string, string]>;

/** The same for each generation. */
export const generationVolumes = {
  data: ["-data", "the database's files"],
  databaseSocket: ["-dbsocket", "the database's socket; its application, `-backup-keeper`"],
  configuration: ["-config", "settings, `local/`, secrets; its application and snapshots read"],
} as const satisfies Record<string, readonly [string, string]>;

type Suffixes = Record<string, readonly [string, string]>;
type Named<Table extends Suffixes, Name> = { readonly [Key in keyof Table]: Name };

function named<Table extends Suffixes, Name>(
  table: Table,
  name: (suffix: string) => Name,
): Named<Table, Name> {
  const entries = Object.entries(table).map(([key, [suffix]]) => [key, name(suffix)]);
  return Object.fromEntries(entries) as Named<Table, Name>;
}

export type Names = ReturnType<typeof namesOf>;

/** Names of an instance's objects in the engine. They are for people; objects are found by label. */
export function namesOf(instance: string) {
  const prefix = `biomaid-${instance}`;
  const special: Readonly<Record<number, string>> = {
    [rehearsalNumber]: `${prefix}-rehearsal`,
    [backupNumber]: `${prefix}-backup`,
  };
  const ofInstance = (suffix: string) => prefix + suffix;
  const ofGeneration = (suffix: string) => (generation: number) =>
    (special[generation] ?? `${prefix}-g${generation}`) + suffix;
  const own = named(containers, ofInstance);
  return {
    network: prefix,
    ...own,
    ...named(volumes, ofInstance),
    ...named(generationContainers, ofGeneration),
    ...named(generationVolumes, ofGeneration),
    gates: [own.gate, own.secondGate],
    slot: (slot: number) =>
      slot === rehearsalNumber ? `${prefix}-rehearsal-slot` : `${prefix}-slot-${slot}`,
    /** Slot of the serving database that keeps its log for the clone of a candidate. */
    cloneSlot: (generation: number) => `${cloneSlotPrefix}${generation}`,
    /** Slot of the serving database that keeps its log for the previous one, which follows. */
    followSlot: "updater_follow",
  } as const;
}

/** Names of all objects that an instance has, or may come to have with these generations. */
export function objectNames(names: Names, generations: readonly number[]) {
  const both = (own: readonly (keyof Names)[], each: readonly (keyof Names)[]) => [
    ...own.map((key) => names[key] as string),
    ...each.flatMap((key) => generations.map(names[key] as (generation: number) => string)),
  ];
  const keysOf = <Table extends object>(table: Table) => Object.keys(table) as (keyof Table)[];
  return {
    containers: both(keysOf(containers), keysOf(generationContainers)),
    volumes: [
      ...both(keysOf(volumes), keysOf(generationVolumes)),
      // Slot 0 is a rehearsal's.
      ...Array.from({ length: slotCount + 1 }, (_, slot) => names.slot(slot)),
    ],
    networks: [names.network],
  };
}
