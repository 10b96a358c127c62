/**
 * Many swaps and rollbacks in a row while users work: no request fails, each swap's writes are there exactly
 * once, and nothing grows.
 */
import { readdir, readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { clientOf, connectEngine } from "../../src/engine/connect.ts";
import { label } from "../../src/engine/labels.ts";
import { tags } from "../support/miniature.ts";
import { Scene } from "../support/scene.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "25" } } });
const rounds = Number(values.rounds);

/** What may not grow, in numbers; of processes, how much of their size is noise. */
interface Size {
  readonly containers: number;
  readonly volumes: number;
  readonly images: number;
  readonly slots: number;
  readonly proxyDescriptors: number;
  readonly engineDescriptors: number;
  readonly proxyMemory: number;
  readonly engineMemory: number;
}
const noise: Partial<Record<keyof Size, number>> = {
  proxyDescriptors: 20,
  engineDescriptors: 20,
  proxyMemory: 20e6,
  engineMemory: 100e6,
};

const scene = await Scene.init("soak");
let failed = 0;
let first: Size | undefined;
try {
  for (let round = 1; round <= rounds; round += 1) {
    const began = performance.now();
    const swap = await scene.problemsUnderLoad(async (work) => {
      await scene.site.does("swap", tags.additive);
      await work.everybodySees(tags.additive);
    });
    const back = await scene.problemsUnderLoad(async (work) => {
      await scene.site.does("rollback");
      await work.everybodySees(tags.first);
    });
    const problems = [...swap, ...back];
    if (problems.length > 0) failed += 1;
    const seconds = Math.round((performance.now() - began) / 1000);
    const size = await sizeOf();
    // The first round fills caches and makes what stays.
    first ??= size;
    const mark = problems.length === 0 ? "✓" : "✗";
    console.log(`${mark} ${round}/${rounds}  ${seconds} s  ${JSON.stringify(size)}`);
    for (const problem of problems) console.log(`    ${problem}`);
  }
  const grown = first ? growth(first, await sizeOf()) : [];
  for (const line of grown) console.log(`✗ grew: ${line}`);
  process.exitCode = failed > 0 || grown.length > 0 ? 1 : 0;
  console.error(`${2 * rounds} operations; ${failed} rounds failed, ${grown.length} things grew.`);
} finally {
  await scene.site.remove();
}

async function sizeOf(): Promise<Size> {
  const { containers, volumes, slots } = await scene.picture();
  const engine = await connectEngine();
  const proxy = clientOf(engine).getContainer(`biomaid-${scene.site.instance}-proxy`);
  const pids = ((await proxy.top()) as { Processes: string[][] }).Processes.map(([, pid]) => pid);
  const [dockerd = ""] = await pidsNamed("dockerd");
  const sum = async (of: (pid: string) => Promise<number>, all: readonly (string | undefined)[]) =>
    (await Promise.all(all.map(async (pid) => await of(pid ?? "")))).reduce((a, b) => a + b, 0);
  return {
    containers: containers.length,
    volumes: volumes.length,
    images: (await clientOf(engine).listImages()).filter(isNoOthers).length,
    slots: slots.length,
    proxyDescriptors: await sum(descriptors, pids),
    engineDescriptors: await descriptors(dockerd),
    proxyMemory: await sum(memory, pids),
    engineMemory: await memory(dockerd),
  };
}

/** Whether an image is of this site, or of none: another's may come and go meanwhile. */
function isNoOthers({ Labels }: { readonly Labels?: Readonly<Record<string, string>> }): boolean {
  return [undefined, scene.site.instance].includes(Labels?.[label.instance]);
}

async function descriptors(pid: string): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/** Bytes in memory. */
async function memory(pid: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
}

async function pidsNamed(name: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const names = await Promise.all(
    pids.map(async (pid) => (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim()),
  );
  return pids.filter((_, index) => names[index] === name);
}

function growth(before: Size, after: Size): string[] {
  const keys = Object.keys(before) as (keyof Size)[];
  return keys
    .filter((key) => after[key] > before[key] + (noise[key] ?? 0))
    .map((key) => `${key}: ${before[key]}, now ${after[key]}`);
}
