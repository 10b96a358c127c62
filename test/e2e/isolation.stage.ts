import type Docker from "dockerode";
import { randomUUID } from "node:crypto";
import { cp, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { clientOf, connectEngine } from "../../src/engine/connect.ts";
import { label } from "../../src/engine/labels.ts";
import { ensureOwnImage } from "../../src/build/own-images.ts";
import { createSite, type Site } from "../support/site.ts";

/** Words that only a site's secrets hold: wherever one turns up, something leaks. */
const markers = {
  secretFile: "marker-of-the-secret-file",
  settings: "marker-of-the-settings",
  proxyPassword: "marker-of-the-proxy-password",
} as const;

export const secrets: readonly string[] = Object.values(markers);

type Inspected = Docker.ContainerInspectInfo;

/** What was to be seen from outside while a site with secrets was created and updated. */
export interface Watched {
  readonly site: Site;
  /** Everything the updater printed, told to print all it can. */
  readonly printed: string;
  /** Command lines of every process of this machine. */
  readonly commandLines: ReadonlySet<string>;
  /** Containers of the instance, those that came and went included, by name. */
  readonly containers: ReadonlyMap<string, Inspected>;
}

/** Creates the instance at 0.8.0 and updates it to 0.8.1, with secrets everywhere they may be. */
export async function watchSiteWithSecrets(instance: string): Promise<Watched> {
  const site = await createSite(instance);
  try {
    await buildOwnImages();
    await hideSecrets(site);
    return { site, ...(await watch(site)) };
  } catch (error) {
    await site.remove();
    throw error;
  }
}

/** npm takes `no_proxy` by domain only: what it builds must be there before the proxy that leads nowhere. */
async function buildOwnImages(): Promise<void> {
  const engine = await connectEngine();
  for (const program of ["proxy", "database", "updater"] as const) {
    await ensureOwnImage(engine, program, { caBundle: undefined, proxies: {} }, { event() {} });
  }
}

async function watch(site: Site): Promise<Omit<Watched, "site">> {
  const stop = new AbortController();
  const commandLines = new Set<string>();
  const containers = new Map<string, Inspected>();
  const watching = Promise.all([
    repeat(stop.signal, 20, async () => await readCommandLines(commandLines)),
    repeat(stop.signal, 50, async () => await inspectContainers(site.instance, containers)),
  ]);
  let printed = "";
  try {
    for (const argv of [
      ["init", "0.8.0", "--from-dump", site.dump],
      ["swap", "0.8.1"],
    ]) {
      const { all, exitCode } = await site.run("--verbose", ...argv);
      if (exitCode !== 0) throw new Error(all);
      printed += all;
    }
  } finally {
    stop.abort();
    await watching;
  }
  return { printed, commandLines, containers };
}

async function hideSecrets(site: Site): Promise<void> {
  const inFolder = (name: string) => join(site.folder, name);
  await mkdir(inFolder("secrets"));
  const write = async (name: string, content: string) =>
    await writeFile(inFolder(name), `${content}\n`, { mode: 0o600 });
  await write("secrets/mail", markers.secretFile);
  // Nothing listens there: `no_proxy` keeps pip from trying; apt, which knows no "*", is not told of it.
  await write("proxy", `http://updater:${markers.proxyPassword}@127.0.0.1:9`);
  const { repositories } = site;
  const settings = await readFile(join(repositories.biomaid, "../instance_settings.py"), "utf8");
  await write("instance_settings.py", `${settings}\nAPI_KEY = "${markers.settings}"`);

  // Dependencies no build has seen yet: a build that finds everything in the cache leaks nothing.
  const biomaid = inFolder("biomaid");
  await cp(repositories.biomaid, biomaid, { recursive: true });
  const git = async (...words: string[]) =>
    await execa("git", [
      "-C",
      biomaid,
      "-c",
      "user.name=T",
      "-c",
      "user.email=t@example.org",
      ...words,
    ]);
  await git("checkout", "--quiet", "0.8.0");
  await writeFile(join(biomaid, "poetry.lock"), `# ${randomUUID()}\n`, { flag: "a" });
  await git("commit", "--quiet", "--all", "--message=Another lock file");
  await git("tag", "--force", "--annotate", "--message=0.8.0", "0.8.0");

  await site.configure({
    source: 'repository = "biomaid"',
    site: 'settings = "instance_settings.py"\nhost_names = ["localhost"]',
    secrets: 'mail = "secrets/mail"',
    build: `extras = []
https_proxy_file = "proxy"
no_proxy = ["*"]
[[build.versions]]
from = "0.8"
python = "3.11"
groups = []`,
  });
}

async function repeat(signal: AbortSignal, ms: number, look: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await look();
    await pause(ms);
  }
}

/** As `ps` reads them. */
async function readCommandLines(found: Set<string>): Promise<void> {
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const read = async (id: string) => await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
  for (const line of await Promise.all(processes.map(read))) found.add(line.replaceAll("\0", " "));
}

async function inspectContainers(instance: string, found: Map<string, Inspected>): Promise<void> {
  const engine = await connectEngine();
  const filters = { label: [`${label.instance}=${instance}`] };
  const listed = await clientOf(engine).listContainers({ all: true, filters });
  for (const { Id } of listed) {
    // One that is gone by now shows itself the next time.
    const inspected = await clientOf(engine)
      .getContainer(Id)
      .inspect()
      .catch(() => undefined);
    if (inspected) found.set(inspected.Name.slice(1), inspected);
  }
}
