import type { Journal } from "../../src/instance/journal.ts";

/** Of a swap that was killed. */
export const journal: Journal = {
  version: 1,
  instance: "production",
  id: "4427292e-64c3-45e6-bfe8-13ba04295fb3",
  operation: "swap",
  from: "0.8.0",
  to: "0.8.1",
  startedAt: "2026-11-22T22:30:00.000Z",
  serving: 1,
  target: { number: 2, slot: 2 },
  begun: ["build-image", "clone-database"],
};
