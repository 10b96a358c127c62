import { cp } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectEngine } from "../../src/engine/connect.ts";
import { ensureOwnImage } from "../../src/build/own-images.ts";
import { buildContainedUpdater, type ContainedUpdater } from "./in-container.updater.ts";
import { createSite, type Site } from "../support/site.ts";

const instance = "int-container";
const root = join(import.meta.dirname, "../..");

let site: Site;
let updater: ContainedUpdater;

/** A folder with everything in it, by relative paths: the same for both ways to run the updater. */
beforeAll(async () => {
  site = await createSite(instance);
  const { biomaid, local } = site.repositories;
  const folder = (name: string) => join(site.folder, basename(name));
  await cp(biomaid, folder(biomaid), { recursive: true });
  await cp(local, folder(local), { recursive: true });
  const settings = join(dirname(biomaid), "instance_settings.py");
  await cp(settings, folder(settings));
  await cp(join(root, "ca-bundle.crt"), join(site.folder, "ca-bundle.crt"));
  await site.configure({
    source: 'repository = "biomaid"',
    local: 'repository = "local"\nref = "same-tag"',
    site: 'host_names = ["localhost"]',
    build: `extras = []
ca_bundle = "ca-bundle.crt"
[[build.versions]]
from = "0.8"
python = "3.11"
groups = []`,
  });
  updater = await buildContainedUpdater(site.folder);
});
afterAll(async () => {
  await site.remove();
  await updater?.remove();
});

/** What both see of the instance. */
async function statusFrom(where: "checkout" | "container"): Promise<Record<string, unknown>> {
  const argv = ["--json", "status"];
  const printed =
    where === "checkout" ? (await site.run(...argv)).stdout : (await updater.run(argv)).printed;
  return JSON.parse(printed) as Record<string, unknown>;
}

test("init and swap do in the container what they do from a checkout", async () => {
  const init = await updater.run(["init", "0.8.0", "--from-dump", basename(site.dump)]);
  expect(init).toMatchObject({ exitCode: 0 });
  const swap = await updater.run(["swap", "0.8.1"]);
  expect(swap).toMatchObject({ exitCode: 0 });
  expect(swap.printed).toContain("BiomAid 0.8.1 is serving; 0.8.0 is kept.");
  // It ran in a container of its own, beside that of the command.
  expect(swap.printed).not.toContain("cannot run this by itself");

  const { wayBack: _, ...status } = await statusFrom("container");
  expect(status).toMatchObject({
    generations: [
      { tag: "0.8.0", role: "previous", running: false },
      { tag: "0.8.1", role: "serving", running: true },
    ],
  });
  expect(await statusFrom("checkout")).toMatchObject(status);
});

test("the images it builds are those the checkout would build", async () => {
  const built: unknown[] = [];
  const reporter = { event: (event: unknown) => void built.push(event) };
  const engine = await connectEngine();
  // Gates run from the image it runs from itself.
  for (const program of ["proxy", "database"] as const) {
    await ensureOwnImage(engine, program, { caBundle: undefined, proxies: {} }, reporter);
  }
  expect(built).toEqual([]);

  const { result } = await site.operate(["build", "0.8.1"]);
  expect(await statusFrom("container")).toMatchObject({
    generations: [{ tag: "0.8.0" }, { tag: "0.8.1", image: result["image"] }],
  });
});

test("Ctrl-C in the container undoes what was begun", { tags: "long" }, async () => {
  // How far behind the version left is changes by itself.
  const { wayBack: _, ...before } = await statusFrom("checkout");
  const { exitCode, printed } = await updater.run(["swap", "0.8.2"], {
    watch: (printed) => printed.includes("Clone the live database"),
  });
  expect([exitCode, printed]).toEqual([3, expect.stringContaining("as before: 0.8.1 is serving")]);
  expect(await statusFrom("container")).toMatchObject({
    ...before,
    last: { outcome: "restored", to: "0.8.2" },
  });
});

test("it speaks the language of whoever types the command", async () => {
  const { exitCode, printed } = await updater.run(["swap", "0.8.1"], {
    environment: { LANG: "fr_FR.UTF-8" },
  });
  expect(exitCode).toBe(1);
  expect(printed).toContain("0.8.1 est déjà en service");
});

test("it can fetch by ssh, and holds no tests, no history and no site", async () => {
  const look = "ssh -V 2>&1; git --version; ls -A /app";
  const { printed } = await updater.run([look], { entrypoint: ["/bin/sh", "-c"] });
  expect(printed).toMatch(/^OpenSSH_.*\ngit version /);
  expect(printed.split("\n").slice(2).filter(Boolean)).toEqual([
    "Dockerfile",
    "bin",
    "images",
    "node_modules",
    "package-lock.json",
    "package.json",
    "src",
  ]);
});
