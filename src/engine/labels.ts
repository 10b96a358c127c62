/** Everything the updater creates carries these labels; it never touches what lacks them. */
const prefix = "biomaid-updater";

export const label = {
  instance: `${prefix}.instance`,
  role: `${prefix}.role`,
  /** Number of the generation the object belongs to. */
  generation: `${prefix}.generation`,
  /** Tag of BiomAid an image or generation was made from. */
  tag: `${prefix}.tag`,
  /** Hash of everything an image was built from. */
  inputs: `${prefix}.inputs`,
  /** Which of the updater's own programs an image runs. */
  program: `${prefix}.program`,
  /** Of the updater's sources that a container's program was started from. */
  version: `${prefix}.version`,
  /** On an image of a proxy that can put what users are told into pages. */
  tells: `${prefix}.tells`,
  /** What the holder of the lock is doing, and where: shown to the operator who is refused. */
  operation: `${prefix}.operation`,
  holder: `${prefix}.holder`,
  since: `${prefix}.since`,
  /** By which it can be told whether that process still lives. */
  life: `${prefix}.life`,
  /** Of a run of BiomAid's jobs: its id, their schedule, and when it was due. */
  run: `${prefix}.run`,
  job: `${prefix}.job`,
  due: `${prefix}.due`,
  /** Number of the generation whose database is offered to that of a machine. */
  offers: `${prefix}.offers`,
} as const;

export type Role =
  | "control"
  | "operator"
  | "scheduler"
  | "job"
  | "job-pause"
  | "book"
  | "proxy"
  | "stand-in"
  | "offer"
  | "source"
  | "gate"
  | "database"
  | "application"
  | "clone"
  | "rehearsal-proxy"
  | "replication"
  | "slot"
  | "media"
  | "backups"
  | "seen"
  | "snapshots"
  | "database-data"
  | "database-socket"
  | "configuration"
  | "upload"
  | "network"
  | "scratch"
  | "image";

export type Labels = Record<string, string>;

/** Labels of an object of one instance, and of one generation if it belongs to one. */
export function labelsOf(instance: string, role: Role, generation?: number): Labels {
  return {
    [label.instance]: instance,
    [label.role]: role,
    ...(generation === undefined ? {} : { [label.generation]: String(generation) }),
  };
}

/** The engine's filter for objects that carry all these labels. */
export function filterBy(labels: Labels): { label: string[] } {
  return { label: Object.entries(labels).map(([key, value]) => `${key}=${value}`) };
}
