import { abortable } from "../lib/abortable.ts";
import type { Engine } from "../engine/connect.ts";
import { listContainers } from "../engine/containers.ts";
import { imageLabels, listTags } from "../engine/images.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { listVolumes } from "../engine/volumes.ts";
import { UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { baseImage } from "../build/own-images.ts";
import { findInstance, type InstanceView } from "../instance/read-instance.ts";
import { crash, type Finding, ok, problem, refusal } from "./finding.ts";

/** The instance as it is, or why it cannot be looked at. */
export async function inspectInstance(
  instance: Instance,
  signal: AbortSignal,
): Promise<{ view: InstanceView | undefined; findings: readonly Finding[] }> {
  const { engine, name, names } = instance;
  try {
    const view = await abortable(signal, findInstance(engine, name));
    if (view) return { view, findings: [] };
    const volumes = await listVolumes(engine, { [label.instance]: name });
    if (volumes.length === 0) return { view, findings: [ok("noInstance", { instance: name })] };
    const data = volumes.some(({ labels }) => labels[label.role] === "database-data");
    // Parts that hold data are not to be removed as what an unfinished init left.
    return {
      view,
      findings: [
        data
          ? problem("missing", { containers: [names.proxy] })
          : refusal(new UpdaterError("leftovers", { instance: name }), "instance"),
      ],
    };
  } catch (error) {
    return { view: undefined, findings: [crash(error, "instance", "instance")] };
  }
}

/** Whether an operation holds the lock. */
export async function isBusy({ engine, name }: Instance): Promise<boolean> {
  const [lock] = await listContainers(engine, labelsOf(name, "control"));
  return lock?.running ?? false;
}

/** An image of ours that is there: each has what it takes to look around. */
export async function anyImage(
  engine: Engine,
  view: InstanceView | undefined,
): Promise<string | undefined> {
  const proxy = view ? [view.state.proxyImage] : [];
  return await firstThere(engine, [baseImage, ...proxy]);
}

/** The first of these images that is there, or any of Python's. */
export async function firstThere(
  engine: Engine,
  images: readonly string[],
): Promise<string | undefined> {
  for (const image of [...images, ...(await listTags(engine, "biomaid-updater/python"))]) {
    if ((await imageLabels(engine, image)) !== undefined) return image;
  }
  return undefined;
}
