import { execa } from "execa";
import { mutations } from "./mutations.ts";

/** Explores all pairs of faults, then looks whether the model finds each fault that is put back. */
const run = async (environment: Record<string, string>, files: readonly string[]) =>
  await execa("vitest", ["run", "--project", "model", "--maxWorkers=2", ...files], {
    env: environment,
    preferLocal: true,
    reject: false,
    ...(files.length === 0 ? { stdio: "inherit" } : { all: true }),
  });

/** Where each of the mutations shows, and which are played soonest. */
const quickest = ["rollback", "init"];

const all = await run({ MODEL_EVERY: process.env["MODEL_EVERY"] ?? "1" }, []);
let found = true;
for (const name of Object.keys(mutations)) {
  const { failed, all: said } = await run({ MODEL_EVERY: "97", MODEL_MUTATION: name }, quickest);
  // A mutation that breaks the sources finds nothing.
  const finds = failed && /→ /.test(String(said));
  console.log(`${finds ? "✓ found" : "✗ not found"}: ${name}`);
  found &&= finds;
}
process.exitCode = all.failed || !found ? 1 : 0;
