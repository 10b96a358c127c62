import { spawn } from "node:child_process";
import { mkdir, mkdtemp, open, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { connectEngine } from "../../src/engine/connect.ts";
import { startEngine, stopEngine } from "./processes.ts";
import { Scene } from "../support/scene.ts";

/** Enough for the images and two generations of the miniature. */
const size = "5G";

/** An engine with a disk of its own, and a site on it. */
export interface SmallEngine {
  readonly scene: Scene;
  /** Leaves no byte of the disk. @returns what gives it back */
  readonly fill: () => Promise<() => Promise<void>>;
}

/**
 * Lets an engine work whose disk is small, in place of this machine's: what runs there is stopped, and
 * started again afterwards.
 */
export async function onSmallEngine(use: (small: SmallEngine) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "biomaid-small-engine-"));
  const disk = join(folder, "disk");
  const root = join(folder, "root");
  const images = join(folder, "images.tar");
  const own = ["image", "ls", "--quiet", "--filter", "reference=biomaid-updater/*"];
  const { stdout: names } = await execa("docker", [...own, "--format", "{{.Repository}}:{{.Tag}}"]);
  await execa("docker", ["save", "--output", images, ...names.split("\n")]);
  await execa("truncate", [`--size=${size}`, disk]);
  await execa("mkfs.ext4", ["-q", "-F", "-m", "0", disk]);
  await mkdir(root);
  await stopEngine();
  try {
    await execa("mount", ["-o", "loop", disk, root]);
    await startThere(root);
    await execa("docker", ["load", "--quiet", "--input", images]);
    await rm(images);
    const scene = await Scene.init("faults-small");
    try {
      await use({ scene, fill: async () => await fill(join(root, "filler")) });
    } finally {
      await scene.site.remove();
    }
  } finally {
    await stopEngine();
    await execa("umount", [root]);
    await startEngine();
    await rm(folder, { recursive: true });
  }
}

async function startThere(root: string): Promise<void> {
  spawn("dockerd", ["--data-root", root], { detached: true, stdio: "ignore" }).unref();
  const deadline = performance.now() + 30_000;
  for (;;) {
    try {
      await connectEngine();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(200);
    }
  }
}

async function fill(file: string): Promise<() => Promise<void>> {
  const { bavail, bsize } = await statfs(join(file, ".."));
  await execa("fallocate", ["--length", String(bavail * bsize), file], { reject: false });
  // What metadata left over.
  const handle = await open(file, "a");
  const block = Buffer.alloc(bsize);
  try {
    for (;;) await handle.write(block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  } finally {
    await handle.close();
  }
  return async () => await rm(file);
}
