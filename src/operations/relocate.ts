import { withInstanceLock } from "../instance/instance-lock.ts";
import type { Instance } from "../instance/instance.ts";
import { readInstance } from "../instance/read-instance.ts";
import { keepFolder, knownFolder } from "../instance/site-folder.ts";

/**
 * Ties an instance to the folder of this configuration: from now on it is operated from here.
 * @returns where it was operated from; null where that was not written down yet
 * @throws UpdaterError `noInstance`, `locked`
 */
export async function relocate(
  instance: Instance,
): Promise<{ readonly from: string | null; readonly to: string }> {
  const { engine, name } = instance;
  const { state } = await readInstance(engine, name);
  const lock = { instance: name, image: state.proxyImage, operation: "relocate" };
  return await withInstanceLock(engine, lock, async (control) => {
    const before = await knownFolder(control);
    const { path: to } = await keepFolder(instance, control);
    return { from: before?.path ?? null, to };
  });
}
