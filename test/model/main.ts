import { execa } from "execa";
import { mutations } from "./mutations.ts";

/** Explores all pairs of faults, then looks whether the model finds each fault that is put back. */
const run = async (environment: Record<string, string>, quiet: boolean) =>
  await execa("vitest", ["run", "--project", "model", "--maxWorkers=2"], {
    env: environment,
    preferLocal: true,
    reject: false,
    stdio: quiet ? "pipe" : "inherit",
  });

const all = await run({ MODEL_EVERY: process.env["MODEL_EVERY"] ?? "1" }, false);
let found = true;
for (const name of Object.keys(mutations)) {
  const { failed, stdout } = await run({ MODEL_EVERY: "199", MODEL_MUTATION: name }, true);
  // A mutation that breaks the sources finds nothing.
  const finds = failed && /→ /.test(String(stdout));
  console.log(`${finds ? "✓ found" : "✗ not found"}: ${name}`);
  found &&= finds;
}
process.exitCode = all.failed || !found ? 1 : 0;
