import type { Finding } from "../../src/doctor/finding.ts";

/** What the doctor says, in short: how bad it is, and which trouble it is. */
export const told = (findings: readonly Finding[]) =>
  findings.map((finding) => `${finding.level}: ${"code" in finding ? finding.code : ""}`);
