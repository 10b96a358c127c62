import { isDeepStrictEqual } from "node:util";
import { preparedSite, sharedSite, type Preparation } from "./prepared-sites.ts";
import { tags } from "./miniature.ts";
import { createSite, type Site } from "./site.ts";
import { heldBy, traces, type Traces } from "./traces.ts";
import { describe, type Pace, Users, type Work } from "./users.ts";

/** What `status --json` says. */
export interface Status {
  readonly serving: number | null;
  readonly gateClosed: boolean;
  readonly operation: object | null;
  readonly unfinished: object | null;
  readonly generations: readonly {
    readonly number: number;
    readonly tag: string;
    readonly role: string;
    readonly running: boolean;
    readonly slot: number;
    readonly localCommit: string;
  }[];
}

/** What `history --json` says of one operation. */
interface Past {
  readonly operation: string;
  readonly from: string | null;
  readonly to: string;
  readonly outcome: string;
  readonly error: string | null;
}

/** What must be the same before and after an operation that came to nothing; images are a cache. */
export interface Picture extends Omit<Traces, "images"> {
  readonly status: Pick<Status, "serving" | "gateClosed" | "operation" | "generations">;
  readonly static: string;
}

/** Files of a run of tests share two processors, of which twenty hasty users take one. */
const calm: Pace = { count: 10, thinkMs: 1000 };
const hasty = (count: number): Pace => ({ count, thinkMs: 250 });

/** A site of the miniature, with its users. */
export class Scene {
  readonly site: Site;
  readonly #users: Users;
  #found: Picture | undefined;

  private constructor(site: Site, pace: Pace) {
    this.site = site;
    this.#users = new Users(site.origin, pace);
  }

  /** A new site, prepared by these commands; within a run of tests, as a copy of one that was. */
  static async set(instance: string, preparation: Preparation = "first"): Promise<Scene> {
    return new Scene(await preparedSite(instance, preparation), calm);
  }

  /** A site that is there, however it was made. */
  static at(site: Site): Scene {
    return new Scene(site, calm);
  }

  /** The site of this worker, for files that leave it as they found it. */
  static async shared(preparation: Preparation = "first"): Promise<Scene> {
    const scene = new Scene(await sharedSite(preparation), calm);
    scene.#found = await scene.picture();
    return scene;
  }

  /** Gives back a shared site. @throws Error where it is not as it was found */
  async giveBack(): Promise<void> {
    await this.site.configure({});
    const changed = difference(this.#found ?? {}, await this.picture());
    if (changed.length > 0) throw new Error(`a shared site was changed: ${changed.join("; ")}`);
  }

  /** A new site at the first release, made here and now, with these tables in its configuration, and hasty users. */
  static async init(
    instance: string,
    {
      tables = {},
      users = 20,
    }: { readonly tables?: Readonly<Record<string, string>>; readonly users?: number } = {},
  ): Promise<Scene> {
    const site = await createSite(instance);
    try {
      await site.configure(tables);
      await site.does("init", tags.first, "--from-dump", site.dump);
      return new Scene(site, hasty(users));
    } catch (error) {
      await site.remove();
      throw error;
    }
  }

  async status(): Promise<Status> {
    return await this.site.does("status");
  }

  /** Operations so far, the last one last. */
  async history(): Promise<readonly Past[]> {
    return (await this.site.does<{ operations: Past[] }>("history")).operations;
  }

  /** Whatever its exit code says of jobs that failed. */
  async #look(): Promise<Status> {
    return (await this.site.operate(["status"])).result as unknown as Status;
  }

  async servingTag(): Promise<string | undefined> {
    const { serving, generations } = await this.#look();
    return generations.find(({ number }) => number === serving)?.tag;
  }

  /** The static file that says which release it is of. */
  async staticEdition(): Promise<string> {
    return (await (await fetch(`${this.site.origin}/static/edition.txt`)).text()).trim();
  }

  async picture(): Promise<Picture> {
    const { images: _, ...found } = await traces(this.site.instance);
    const { serving, gateClosed, operation, generations } = await this.status();
    return {
      ...found,
      status: { serving, gateClosed, operation, generations },
      static: await this.staticEdition(),
    };
  }

  /** Puts the site where a test begins: `previous` is there to go back to when `tag` is not the first. */
  async reach(tag: typeof tags.first | typeof tags.additive): Promise<void> {
    const there = (await this.servingTag()) === tag;
    if (tag === tags.first) {
      if (!there) await this.site.does("rollback");
      // The next swap would remove what this rollback, or that of another test, has left.
      if ((await this.#look()).generations.length > 1) await this.site.does("prune");
    } else if (!there) {
      await this.site.does("swap", tag);
    }
  }

  /** Does something while users are at work. @throws Error when a request of theirs fails */
  async underLoad<Result>(
    act: (work: Work) => Promise<Result>,
  ): Promise<{ work: Work; result: Result }> {
    const { work, result, failed } = await this.#whileUsersWork(act);
    if (failed !== undefined) throw new Error(failed);
    return { work, result };
  }

  /**
   * Lets something go wrong, and be mended, while users work.
   * @param failing whether requests may fail meanwhile, because what answers them was killed
   * @returns what is not as promised: failed requests, writes that are not there exactly once
   */
  async problemsUnderLoad(
    act: (work: Work) => Promise<void>,
    { failing = false }: { failing?: boolean } = {},
  ): Promise<string[]> {
    const { work, failed } = await this.#whileUsersWork(act);
    const problems = failed === undefined || failing ? [] : [failed];
    // What is left to tidy the next operation does, which comes after this.
    const { serving } = await this.#look();
    if (serving === null) return [...problems, "nothing is serving"];
    const found = await work.ledger.verify(heldBy(this.site.instance, serving));
    const { missing, duplicated, altered, unknown } = found;
    if (found.unacknowledged > 0 && !failing)
      problems.push(`${found.unacknowledged} writes without an answer`);
    for (const [what, writes] of Object.entries({ missing, duplicated, altered, unknown })) {
      if (writes.length > 0) problems.push(`${writes.length} writes ${what}`);
    }
    return found.acknowledged === 0 ? [...problems, "no write was acknowledged"] : problems;
  }

  /** Goes back once more where that is possible, whatever of a fault the version before has no place for. */
  async leave(): Promise<void> {
    const { generations } = await this.#look();
    if (generations.some(({ role }) => role === "previous")) {
      await this.site.does("rollback", "--accept-data-loss");
    }
  }

  async #whileUsersWork<Result>(act: (work: Work) => Promise<Result>) {
    const work = await this.#users.work();
    let result: Result;
    let report;
    try {
      result = await act(work);
      await work.everythingIsAnswered();
    } finally {
      report = await work.stop();
    }
    return { work, result, failed: report.failed > 0 ? describe(report) : undefined };
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
    const problems = await this.problemsUnderLoad(async (work) => {
      await this.reach(tags.additive);
      await work.everybodySees(tags.additive);
    });
    return [...problems, ...(await this.disorder())];
  }
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
