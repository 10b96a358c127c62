import { z } from "zod";
import { abortable } from "../lib/abortable.ts";
import { linesOf, onLine } from "../lib/lines.ts";
import { openSession, type Session } from "../engine/exec.ts";
import { UpdaterError } from "../errors.ts";
import { answerLimit } from "./answer-limit.ts";
import {
  type ObservedMigration,
  type Probed,
  type NamedFiles,
  type Admitted,
  type Compared,
  type ApplicationFailure,
  answer,
  prepared,
  waiting,
  probed,
  files,
  admitted,
  compared,
  pinged,
} from "./application-answers.ts";
import type { Instance } from "./instance.ts";

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

interface PagesRequest {
  readonly do: "probe" | "knock";
  readonly pages: readonly string[];
  readonly anonymous_pages: readonly string[];
  readonly user: string | null;
  readonly host: string;
  readonly user_agent: string;
  readonly seconds: number;
  /** Ends with the first page that does not answer at all. */
  readonly until_silent: boolean;
}

type Request =
  | { do: "prepare" | "collectstatic" | "check" | "files" }
  | { do: "migrate"; observe: boolean }
  | { do: "serve"; seconds: number }
  | PagesRequest
  /** Sessions, by a secret. */
  | { do: "admit"; user: string | null; key: string }
  | (Omit<PagesRequest, "do"> & { do: "compare"; cookie: string | null })
  | { do: "dismiss"; key: string };

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

  /** Makes a session for the user as whom pages are asked, with this key. */
  async admit(key: string, signal: AbortSignal): Promise<Admitted> {
    const user = this.#instance.configuration.probe.user ?? null;
    return understand(admitted, await this.#ask({ do: "admit", user, key }, signal));
  }

  /** Ends the session with this key. */
  async dismiss(key: string, signal: AbortSignal): Promise<void> {
    await this.#ask({ do: "dismiss", key }, signal);
  }

  /**
   * Asks the configured pages twice, to compare them with those of another application.
   * @param cookie of a session that both know; without one only what anybody may see is asked
   */
  async compare(cookie: string | undefined, signal: AbortSignal): Promise<Compared> {
    const request = { ...this.#pages("probe"), do: "compare", cookie: cookie ?? null } as const;
    return understand(compared, await this.#ask(request, signal)).pages;
  }

  /**
   * Looks whether every file that rows name is there.
   * @throws ApplicationError also where the image was built by an updater that could not look
   */
  async files(signal: AbortSignal): Promise<NamedFiles> {
    return understand(files, await this.#ask({ do: "files" }, signal));
  }

  #pages(asked: "probe" | "knock", untilSilent = false): PagesRequest {
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
