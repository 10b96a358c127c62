/** Everything that is looked at, in the order it is told. */
export const groups = {
  machine: ["engine", "builder", "room", "clock"],
  builds: ["base-images", "reach"],
  configuration: ["configuration", "permissions", "ca-bundle"],
  site: ["instance", "serving", "remains", "names", "tls"],
  database: ["database"],
  care: ["rehearsal", "backups", "snapshots"],
} as const;

export type GroupName = keyof typeof groups;
export type CheckName = (typeof groups)[GroupName][number];
