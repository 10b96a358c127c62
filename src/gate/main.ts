/**
 * Entry point of a gate's container; it reads
 * GATE_SOCKET        where to listen: /run/biomaid/gate/app.sock, or app2.sock for the second gate
 * GATE_POINTER       the symlink to follow: /run/biomaid/control/serving
 * GATE_HOLD_MAX      milliseconds before the maintenance page
 * GATE_MOST_HELD     how many requests are held (default: 3000); the rest get the maintenance page
 * GATE_WORKERS       how many requests the application answers at once (default: 3)
 * GATE_LANGUAGE      of the page, for browsers that ask for none we speak (default: en)
 * GATE_EXPECTED_HOLD milliseconds from the first request held to the opening; optional
 * GATE_TIME_ZONE     where users' clocks are; optional
 * GATE_TEMPLATE      file of the maintenance page; our own when there is none
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { startGate } from "./gate.ts";
import { pageLanguages } from "./page.ts";

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

const holdMaxMs = Number(required("GATE_HOLD_MAX"));
// setTimeout takes what is longer than 2^31 ms for 1 ms.
if (!(holdMaxMs >= 0 && holdMaxMs < 2 ** 31))
  throw new Error("GATE_HOLD_MAX is not a number of milliseconds");

const expected = process.env["GATE_EXPECTED_HOLD"];
if (expected && !(Number(expected) >= 0))
  throw new Error("GATE_EXPECTED_HOLD is not a number of milliseconds");

const own = join(import.meta.dirname, "maintenance.html");
const template = process.env["GATE_TEMPLATE"];

const socket = required("GATE_SOCKET");
const gate = await startGate({
  socket,
  first: basename(socket) === "app2.sock" ? join(dirname(socket), "app.sock") : undefined,
  pointer: required("GATE_POINTER"),
  holdMaxMs,
  mostHeld: Number(process.env["GATE_MOST_HELD"] ?? 3000),
  workers: Number(process.env["GATE_WORKERS"] ?? 3),
  language: pageLanguages.find((language) => language === process.env["GATE_LANGUAGE"]) ?? "en",
  expectedHoldMs: expected ? Number(expected) : undefined,
  timeZone: process.env["GATE_TIME_ZONE"] || undefined,
  template: readFileSync(template && existsSync(template) ? template : own, "utf8"),
});

// What one request meets is no reason to fail all the others that are held.
process.on("uncaughtException", (error) => console.error(error));
process.once("SIGTERM", () => void gate.stop());
console.log("ready");
