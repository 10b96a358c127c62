import { randomUUID } from "node:crypto";
import { abortable } from "../lib/abortable.ts";
import type { Engine } from "./connect.ts";
import type { ContainerSpec } from "./container-spec.ts";
import { removeContainer, startContainer } from "./containers.ts";
import { labelsOf } from "./labels.ts";

/** Seconds after which a scratch container ends and goes, whatever became of us. */
const lifetimeSeconds = 120;

/**
 * A container to look around from. It has a volume without a name at /scratch, which the engine removes
 * with it; it goes by itself when the process that made it dies.
 */
export async function withScratch<Result>(
  engine: Engine,
  instance: string,
  spec: Pick<ContainerSpec, "image" | "network" | "mounts" | "capabilities">,
  signal: AbortSignal,
  use: (container: string) => Promise<Result>,
): Promise<Result> {
  const name = `biomaid-${instance}-doctor-${randomUUID().slice(0, 8)}`;
  await startContainer(engine, {
    ...spec,
    name,
    labels: labelsOf(instance, "scratch"),
    entrypoint: ["sleep", String(lifetimeSeconds)],
    user: "0:0",
    mounts: [{ volume: "", path: "/scratch" }, ...(spec.mounts ?? [])],
    tmpfs: { "/tmp": "" },
    autoRemove: true,
    stopSeconds: 0,
  });
  try {
    return await abortable(signal, use(name));
  } finally {
    await removeContainer(engine, name);
  }
}
