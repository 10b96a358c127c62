import { lastLines } from "../engine/container-output.ts";
import { listContainers } from "../engine/containers.ts";
import { labelsOf } from "../engine/labels.ts";
import type { Instance } from "../instance/instance.ts";

/** Why a candidate failed is often in its log only, which goes with its container. */
export async function copyContainerLog(
  { engine, name, reporter }: Instance,
  role: "application" | "database",
  generation: number,
): Promise<void> {
  // By label: what has the name need not be ours.
  for (const { id } of await listContainers(engine, labelsOf(name, role, generation))) {
    for (const line of await lastLines(engine, id, 300)) {
      reporter.event({ type: "output", source: role, line });
    }
  }
}
