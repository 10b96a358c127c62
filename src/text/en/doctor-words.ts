import { count } from "./format.ts";

export const plural = (number: number, one: string, many = `${one}s`) =>
  `${count(number)} ${number === 1 ? one : many}`;

export const ago = (milliseconds: number) => {
  const hours = milliseconds / 3_600_000;
  if (hours < 1) return "less than an hour ago";
  return hours < 48 ? `${plural(Math.floor(hours), "hour")} ago` : `${count(hours / 24)} days ago`;
};

export const checks = {
  engine: "engine",
  builder: "BuildKit",
  room: "disk and memory",
  clock: "clock",
  "base-images": "base images",
  reach: "network of builds",
  configuration: "configuration",
  permissions: "permissions",
  "ca-bundle": "build.ca_bundle",
  instance: "instance",
  serving: "serving version",
  remains: "remains of operations",
  names: "names",
  tls: "TLS",
  database: "database",
  rehearsal: "rehearsals",
  backups: "backups",
  snapshots: "snapshots",
};
