import type { checks as english } from "../en/doctor-words.ts";
import { count } from "./format.ts";

export const plural = (number: number, one: string, many = `${one}s`) =>
  `${count(number)} ${number < 2 ? one : many}`;

export const ago = (milliseconds: number) => {
  const hours = milliseconds / 3_600_000;
  if (hours < 1) return "il y a moins d’une heure";
  return hours < 48
    ? `il y a ${plural(Math.floor(hours), "heure")}`
    : `il y a ${count(hours / 24)} jours`;
};

export const checks: Record<keyof typeof english, string> = {
  engine: "moteur",
  builder: "BuildKit",
  room: "disque et mémoire",
  clock: "horloge",
  "base-images": "images de base",
  reach: "réseau des constructions",
  configuration: "configuration",
  permissions: "droits",
  "ca-bundle": "build.ca_bundle",
  instance: "instance",
  serving: "version en service",
  remains: "restes d’opérations",
  names: "noms",
  tls: "TLS",
  database: "base de données",
  rehearsal: "répétitions",
  backups: "sauvegardes",
  snapshots: "instantanés",
};
