import { z } from "zod";
import { abortable } from "../lib/abortable.ts";
import { linesOf, onLine } from "../lib/lines.ts";
import { openSession, type Session } from "../engine/exec.ts";
import { UpdaterError } from "../errors.ts";
import { answerLimit } from "./answer-limit.ts";
import type { Instance } from "./instance.ts";

const observed = z.object({
  /** "dem.0003_devise" */
  name: z.string(),
  /** Milliseconds, without those of watching. */
  milliseconds: z.number(),
  /** Milliseconds that watching took. */
  overhead: z.number(),
  atomic: z.boolean(),
  reversible: z.boolean(),
  /** Django's class ("AddField"), and its own words, English. */
  operations: z.array(
    z.object({ kind: z.string(), description: z.string(), reversible: z.boolean() }),
  ),
  /** The first of them, with placeholders: never a parameter, which may be users' data. */
  statements: z.array(
    z.object({ sql: z.string(), milliseconds: z.number(), rows: z.number().nullable() }),
  ),
  statementCount: z.number(),
  /** By PostgreSQL's name ("AccessExclusiveLock"), from the statement that took it to the end of the migration. */
  locks: z.array(z.object({ table: z.string(), mode: z.string(), milliseconds: z.number() })),
  /** Tables PostgreSQL wrote anew from the first row to the last. */
  rewrites: z.array(z.string()),
  touched: z.array(
    z.object({
      table: z.string(),
      inserted: z.number(),
      updated: z.number(),
      deleted: z.number(),
    }),
  ),
  /** In the database's words. */
  failure: z.string().nullable(),
});

/** What a migration did on a copy of the data. */
export type ObservedMigration = z.infer<typeof observed>;

/** What a release's own code said. */
const failure = z.object({ kind: z.string(), message: z.string(), trace: z.array(z.string()) });

export type ApplicationFailure = z.infer<typeof failure>;

const answer = z.union([
  z.object({ migration: z.string(), state: z.enum(["started", "finished"]) }),
  z.object({ observed }),
  z.object({ error: failure }),
  z.object({ done: z.unknown() }),
]);

const prepared = z.object({ pending: z.array(z.string()) });

const waiting = z.object({ waited: z.number() });

const probed = z.object({
  user: z.string().nullable(),
  pages: z.array(
    z.object({
      page: z.string(),
      status: z.number(),
      milliseconds: z.number(),
      /** An image that an earlier updater built says neither of these. */
      size: z.number().default(0),
      began: z.number().default(0),
      signed_in: z.boolean(),
    }),
  ),
});

const files = z.object({
  named: z.number(),
  missing: z.number(),
  /** Some of those that are missing. */
  examples: z.array(z.object({ table: z.string(), key: z.string(), file: z.string() })),
});

/** Files that rows of an application's database name, and those of them that are not in the media. */
export type NamedFiles = z.infer<typeof files>;

const pinged = probed.pick({ pages: true });

export type Probed = z.infer<typeof probed>;

export class ApplicationError extends Error {
  readonly failure: ApplicationFailure;

  constructor(failure: ApplicationFailure) {
    super(`${failure.kind}: ${failure.message}`);
    this.name = "ApplicationError";
    this.failure = failure;
  }
}

/**
 * What an application's process said. A release may print whatever it likes where our own program answers.
 * @param said a line of it, or a part that was understood before
 */
function understand<Meaning>(meaning: z.ZodType<Meaning>, said: unknown): Meaning {
  try {
    return meaning.parse(typeof said === "string" ? JSON.parse(said) : said);
  } catch {
    const text = typeof said === "string" ? said : JSON.stringify(said);
    const message = `nothing was expected like ${text.slice(0, 200)}`;
    throw new ApplicationError({ kind: "ProtocolError", message, trace: [] });
  }
}

type Request =
  | { do: "prepare" | "collectstatic" | "check" | "files" }
  | { do: "migrate"; observe: boolean }
  | { do: "serve"; seconds: number }
  | {
      do: "probe" | "knock";
      pages: readonly string[];
      anonymous_pages: readonly string[];
      user: string | null;
      host: string;
      user_agent: string;
      seconds: number;
      /** Ends with the first page that does not answer at all. */
      until_silent: boolean;
    };

/**
 * A process inside an application container that has imported everything, so that what is asked of it
 * while users wait (migrations, the first boot, the probe) pays for nothing else. What it does not answer in time
 * ends with UpdaterError `applicationSilent`.
 */
export class ApplicationSession {
  readonly #session: Session;
  readonly #answers: AsyncIterator<string>;
  readonly #instance: Instance;
  readonly #container: string;
  readonly #waited = new Map<Request["do"], number>();
  #observe: ((migration: ObservedMigration) => void) | undefined;

  private constructor(instance: Instance, container: string, session: Session) {
    this.#instance = instance;
    this.#container = container;
    this.#session = session;
    // Whoever has its user's rights can write into both.
    this.#answers = linesOf(session.stdout);
    onLine(session.stderr, (line) =>
      instance.reporter.event({ type: "output", source: "application", line }),
    );
  }

  static async open(instance: Instance, generation: number): Promise<ApplicationSession> {
    const container = instance.names.application(generation);
    const session = await openSession(
      instance.engine,
      container,
      ["/venv/bin/python", "/opt/updater/launcher.py", "operate"],
      { environment: { PYTHONPATH: "/opt/updater" } },
    );
    return new ApplicationSession(instance, container, session);
  }

  /** Loads settings and code; returns the migrations to come, in order. */
  async prepare(signal: AbortSignal): Promise<readonly string[]> {
    return understand(prepared, await this.#ask({ do: "prepare" }, signal)).pending;
  }

  async collectStatic(signal: AbortSignal): Promise<void> {
    await this.#ask({ do: "collectstatic" }, signal);
  }

  /** Applies all migrations, reporting each; `observe` is told what each did, also the one that fails. */
  async migrate(
    signal: AbortSignal,
    observe?: (migration: ObservedMigration) => void,
  ): Promise<void> {
    this.#observe = observe;
    await this.#ask({ do: "migrate", observe: observe !== undefined }, signal);
  }

  /** @throws ApplicationError when a migration is left */
  async check(signal: AbortSignal): Promise<void> {
    await this.#ask({ do: "check" }, signal);
  }

  /** Lets the application boot and waits until it listens. */
  async serve(seconds: number, signal: AbortSignal): Promise<void> {
    await this.#ask({ do: "serve", seconds }, signal);
  }

  /**
   * Asks the configured pages through the application's own socket, signed in where that is needed.
   * @param how `untilSilent`: the first page that does not answer at all is the last one
   */
  async probe(signal: AbortSignal, { untilSilent = false } = {}): Promise<Probed> {
    return understand(probed, await this.#ask(this.#pages("probe", untilSilent), signal));
  }

  /** Asks the pages anyone may see: that the process is up, nothing more. */
  async ping(signal: AbortSignal): Promise<Probed["pages"]> {
    return understand(pinged, await this.#ask(this.#pages("knock"), signal)).pages;
  }

  /**
   * Looks whether every file that rows name is there.
   * @throws ApplicationError also where the image was built by an updater that could not look
   */
  async files(signal: AbortSignal): Promise<NamedFiles> {
    return understand(files, await this.#ask({ do: "files" }, signal));
  }

  #pages(asked: "probe" | "knock", untilSilent = false): Request {
    const { probe, site } = this.#instance.configuration;
    return {
      do: asked,
      pages: probe.pages,
      anonymous_pages: probe.anonymousPages,
      user: probe.user ?? null,
      host: site.hostNames[0],
      user_agent: probe.userAgent,
      seconds: probe.timeLimitMs / 1000,
      until_silent: untilSilent,
    };
  }

  /** Milliseconds that what was last asked for spent waiting for a processor others held. */
  waited(asked: Request["do"]): number {
    return this.#waited.get(asked) ?? 0;
  }

  close(): void {
    this.#session.stdin.end();
    this.#session.stdin.destroy();
  }

  async #ask(request: Request, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    this.#session.stdin.write(`${JSON.stringify(request)}\n`);
    // An answer that will not come (a migration that hangs) must not be waited for.
    const { rehearse } = this.#instance.configuration;
    const limit = answerLimit(request, this.#container, rehearse.timeLimitMs);
    const either = AbortSignal.any([signal, limit]);
    const done = await abortable(either, this.#answer(request.do));
    // An image that an earlier updater built does not tell.
    this.#waited.set(request.do, waiting.safeParse(done).data?.waited ?? 0);
    return done;
  }

  async #answer(asked: string): Promise<unknown> {
    const { reporter } = this.#instance;
    let startedAt = 0;
    for (;;) {
      const { value, done } = await this.#answers.next();
      if (done) throw new UpdaterError("applicationEnded", { while: asked });
      const said = understand(answer, value);
      if ("error" in said) {
        for (const line of said.error.trace.join("").split("\n")) {
          reporter.event({ type: "output", source: "application", line });
        }
        throw new ApplicationError(said.error);
      }
      if ("observed" in said) {
        this.#observe?.(said.observed);
        continue;
      }
      if (!("migration" in said)) return said.done;
      const { migration, state } = said;
      if (state === "started") {
        startedAt = performance.now();
        reporter.event({ type: "migration-started", migration });
      } else {
        const milliseconds = performance.now() - startedAt;
        reporter.event({ type: "migration-finished", migration, milliseconds });
      }
    }
  }
}
