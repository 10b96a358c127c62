import { type Engine } from "../engine/connect.ts";
import { describeEngine, tryBuilder } from "../engine/describe.ts";
import { messageOf } from "../errors.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";
import type { Machine } from "./check-context.ts";

/** Storage drivers that copy whole layers, or that engines give up. */
const poorDrivers = ["vfs", "aufs", "devicemapper", "overlay"];

export async function checkEngine({ engine }: { engine: Engine }): Promise<Finding[]> {
  const { version, api, driver } = await describeEngine(engine);
  const fine = ok("engine", { version, api, driver });
  return poorDrivers.includes(driver) ? [fine, warning("storageDriver", { driver })] : [fine];
}

/** Builds next to nothing, and keeps nothing of it. */
export async function checkBuilder({ engine, image, signal }: Machine): Promise<Finding[]> {
  if (image === undefined) return [];
  try {
    await tryBuilder(engine, image, signal);
    return [ok("builder", {})];
  } catch (error) {
    signal.throwIfAborted();
    return [problem("builderFails", { reason: messageOf(error) })];
  }
}
