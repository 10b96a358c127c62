import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../src/errors.ts";
import { until } from "../../src/lib/until.ts";
import { copyInstance, stopInstance } from "./copy-instance.ts";
import { pages, tags } from "./miniature.ts";
import { createSite, type Place, type Site, siteAt } from "./site.ts";

/** What a test may find done already, and by which commands. */
const preparations = {
  /** The first release, with the data of its dump. */
  first: [["init", tags.first]],
  additive: [["init", tags.additive]],
  /** The first release is kept, and follows. */
  swapped: [
    ["init", tags.first],
    ["swap", tags.additive],
  ],
  beforeOperations: [["init", tags.beforeOperations]],
} as const satisfies Record<string, readonly (readonly string[])[]>;

export type Preparation = keyof typeof preparations;

/** Milliseconds until a site that another worker prepares must be there. */
const patience = 240_000;

/** Names the folder where the workers of a run of tests tell each other what they have prepared. */
const folderVariable = "PREPARED_SITES";

/**
 * A new site as these commands make it. In a run of tests they are typed once, and what they made is copied: the
 * first worker that asks makes it, others wait for it.
 */
export async function preparedSite(instance: string, preparation: Preparation): Promise<Site> {
  const original = await once(`prepared-${preparation.toLowerCase()}`, async (name) => {
    const made = await createSite(name);
    for (const [command, tag] of preparations[preparation]) {
      const data = command === "init" ? ["--from-dump", made.dump] : [];
      await made.does(command, tag, ...data);
    }
    await stopInstance(name);
    return made;
  });
  const site = await createSite(instance);
  try {
    await copyInstance(original, site);
    await until(async () => await answers(site), {
      intervalMs: 50,
      limitMs: 60_000,
      otherwise: () => {
        throw new Error(`${instance} does not answer`);
      },
    });
    return site;
  } catch (error) {
    await site.remove();
    throw error;
  }
}

async function answers({ origin }: Site): Promise<boolean> {
  const answer = await fetch(origin + pages.sign, { headers: { "User-Agent": "test" } }).catch(
    () => undefined,
  );
  return answer?.status === 200;
}

/** A site for all files of this worker that leave it as they found it. */
export async function sharedSite(preparation: Preparation): Promise<Site> {
  const name = `shared-${preparation.toLowerCase()}-${process.env["VITEST_POOL_ID"]}`;
  return await once(name, async () => await preparedSite(name, preparation));
}

/** For `globalSetup`: workers prepare from here on. @returns what removes all they have prepared */
export async function beginPreparing(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "biomaid-prepared-sites-"));
  process.env[folderVariable] = folder;
  return async () => {
    for (const name of await readdir(folder)) {
      // Also where a worker was stopped before it had made the site.
      await (await createSite(name)).remove();
      const { place } = await told(join(folder, name)).catch(() => ({ place: undefined }));
      if (place) await rm(place.folder, { recursive: true, force: true });
    }
    await rm(folder, { recursive: true });
  };
}

/** What the worker that came first has made, or why it could not. */
type Told = { readonly place: Place } | { readonly place?: undefined; readonly error: string };

async function once(name: string, make: (name: string) => Promise<Place>): Promise<Site> {
  const shared = process.env[folderVariable];
  if (shared === undefined) throw new Error("sites are prepared within a run of tests only");
  const folder = join(shared, name);
  if (await mkdir(folder).then(() => true, isThere)) {
    const outcome: Told = await make(name).then(
      ({ instance, folder: of, port, repositories }) => ({
        place: { instance, folder: of, port, repositories },
      }),
      (error: unknown) => ({ error: messageOf(error) }),
    );
    await writeFile(join(folder, "draft"), JSON.stringify(outcome));
    await rename(join(folder, "draft"), join(folder, "told"));
  }
  await until(() => existsSync(join(folder, "told")), {
    intervalMs: 100,
    limitMs: patience,
    otherwise: () => {
      throw new Error(`nobody has told of ${folder}`);
    },
  });
  const outcome = await told(folder);
  if (outcome.place === undefined) throw new Error(`${name}: ${outcome.error}`);
  return siteAt(outcome.place);
}

function isThere(error: NodeJS.ErrnoException): false {
  if (error.code !== "EEXIST") throw error;
  return false;
}

async function told(folder: string): Promise<Told> {
  return JSON.parse(await readFile(join(folder, "told"), "utf8")) as Told;
}
