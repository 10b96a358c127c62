import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { execa } from "execa";
import { describe, Users, type Work } from "../support/miniature-load.ts";
import { tags } from "../support/miniature.ts";
import { createSite, type Site } from "../support/site.ts";
import { heldBy, traces, type Traces } from "../support/traces.ts";

const updaterThatDies = join(import.meta.dirname, "dying-updater.ts");

/** When the updater dies. */
export interface Death {
  /** The moment of a step: `step-started:fence`; the start of the command when absent. */
  readonly at?: string;
  /** Milliseconds after it. */
  readonly after?: number;
}

/** What `status --json` says. */
interface Status {
  readonly serving: number | null;
  readonly gateClosed: boolean;
  readonly unfinished: object | null;
  readonly generations: readonly { readonly number: number; readonly tag: string }[];
}

/** A site of the miniature at which things go wrong while 20 users work. */
export class Stage {
  readonly site: Site;
  readonly #users: Users;

  private constructor(site: Site) {
    this.site = site;
    this.#users = new Users(site.origin);
  }

  static async set(instance: string): Promise<Stage> {
    const site = await createSite(instance);
    const stage = new Stage(site);
    try {
      await stage.does("init", tags.first, "--from-dump", site.dump);
      return stage;
    } catch (error) {
      await site.remove();
      throw error;
    }
  }

  /** Runs the updater to its end. @throws Error with what it said, when it does not end with 0 */
  async does(...argv: readonly string[]): Promise<string> {
    const { exitCode, stdout, all } = await this.site.updater("--json", ...argv);
    if (exitCode !== 0) throw new Error(`updater ${argv.join(" ")} ended with ${exitCode}: ${all}`);
    return stdout;
  }

  async status(): Promise<Status> {
    return JSON.parse(await this.does("status")) as Status;
  }

  async servingTag(): Promise<string | undefined> {
    const { serving, generations } = await this.status();
    return generations.find(({ number }) => number === serving)?.tag;
  }

  /** Puts the site where a fault begins: `previous` is there to go back to when `tag` is not the first. */
  async reach(tag: typeof tags.first | typeof tags.additive): Promise<void> {
    const there = (await this.servingTag()) === tag;
    if (tag === tags.first) {
      if (!there) await this.does("rollback");
      // The next swap would remove what this rollback, or that of another fault, has left.
      if ((await this.status()).generations.length > 1) await this.does("prune");
    } else if (!there) {
      await this.does("swap", tag);
    }
  }

  /** What must be the same before and after something that came to nothing; images are a cache. */
  async picture(): Promise<Omit<Traces, "images"> & { readonly static: string }> {
    const { images: _, ...found } = await traces(this.site.instance);
    const answer = await fetch(`${this.site.origin}/static/edition.txt`);
    return { ...found, static: (await answer.text()).trim() };
  }

  /** What no operation may leave, however it ended: two generations at work, gates, locks, fences. */
  async disorder(): Promise<string[]> {
    const { containers, fenced, pointers, slots } = await this.picture();
    const left = containers.filter((name) => /gate|clone|control|files/.test(name));
    const running = containers.filter((name) => /-(app|db): running/.test(name));
    const [serving, ...others] = running.flatMap((name) => /^(g\d+)-app/.exec(name)?.[1] ?? []);
    const databases = running.flatMap((name) => /^(g\d+)-db/.exec(name)?.[1] ?? []);
    // The version left follows: its database alone runs, and refuses everybody else.
    const following = databases.filter((name) => name !== serving);
    const orderly =
      serving !== undefined &&
      others.length === 0 &&
      databases.includes(serving) &&
      following.length <= 1;
    const wanted = following.length === 0 ? [] : [`${serving}: updater_follow`];
    return [
      ...(left.length > 0 ? [`left: ${left.join(", ")}`] : []),
      ...(orderly ? [] : [`running: ${running.join(", ")}`]),
      ...(pointers.static === `${pointers.serving}/static` ? [] : ["the pointers disagree"]),
      ...difference({ fenced: following, slots: wanted }, { fenced, slots }),
    ];
  }

  /** Once a fault is over nobody feels anything any more, and the way forward is free. */
  async goesOn(): Promise<string[]> {
    const problems = await this.underLoad(async (work) => {
      await this.reach(tags.additive);
      await work.everybodySees(tags.additive);
    });
    return [...problems, ...(await this.disorder())];
  }

  /**
   * Lets something go wrong, and be mended, while users work.
   * @param failing whether requests may fail meanwhile, because what answers them was killed
   * @returns what is not as promised: failed requests, writes that are not there exactly once
   */
  async underLoad(
    act: (work: Work) => Promise<void>,
    { failing = false }: { failing?: boolean } = {},
  ): Promise<string[]> {
    const work = await this.#users.work();
    const problems: string[] = [];
    try {
      await act(work);
      await work.everythingIsAnswered();
    } finally {
      const report = await work.stop();
      if (report.failed > 0 && !failing) problems.push(describe(report));
    }
    const { serving } = await this.status();
    if (serving === null) return [...problems, "nothing is serving"];
    const found = await work.ledger.verify(heldBy(this.site.instance, serving));
    const { missing, duplicated, altered, unknown } = found;
    for (const [what, writes] of Object.entries({ missing, duplicated, altered, unknown })) {
      if (writes.length > 0) problems.push(`${writes.length} writes ${what}`);
    }
    return found.acknowledged === 0 ? [...problems, "no write was acknowledged"] : problems;
  }
}

/** Runs the updater of a site until it dies; returns whether it did before its end. */
export async function dies(
  site: Pick<Site, "folder">,
  { at, after }: Death,
  ...argv: readonly string[]
): Promise<boolean> {
  const configuration = join(site.folder, "updater.toml");
  const { signal, exitCode, all } = await execa(
    process.execPath,
    [updaterThatDies, "--config", configuration, ...argv],
    {
      reject: false,
      all: true,
      stdin: "ignore",
      env: {
        LC_ALL: "C",
        ...(at !== undefined && { DIE_AT: at }),
        ...(after !== undefined && { DIE_AFTER: String(after) }),
      },
    },
  );
  if (signal === "SIGKILL") return true;
  if (exitCode === 0) return false;
  throw new Error(`the updater was to die, and ended with ${exitCode}: ${all}`);
}

/** What is different, as text; nothing when they are the same. */
export function difference(expected: object, found: object): string[] {
  const wanted = Object.entries(expected);
  return wanted
    .filter(([key, value]) => !isDeepStrictEqual(value, Reflect.get(found, key)))
    .map(
      ([key, value]) =>
        `${key}: ${JSON.stringify(Reflect.get(found, key))} instead of ${JSON.stringify(value)}`,
    );
}
