/** Numbers of the users (and of their groups) that programs run as inside containers; images name the same. */
export const users = {
  root: 0,
  application: 10001,
  proxy: 10002,
  gate: 10003,
  database: 10004,
} as const;

/** As a container is told which user it runs as. */
export function userAndGroup(user: number): string {
  return `${user}:${user}`;
}

/** Options of a folder in memory that is one user's alone, or his and others' with another mode. */
export function ownedBy(user: number, mode = "0700"): string {
  return `uid=${user},gid=${user},mode=${mode}`;
}
