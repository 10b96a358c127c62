import { type Activity, type Call, type Client, type LoadReport, startLoad } from "./load.ts";
import type { Ledger } from "./ledger.ts";
import { credentials, pages } from "./miniature.ts";

/** Milliseconds until what somebody waits for must have happened. */
const patience = 60_000;

/** How many there are, and for how many milliseconds each looks at an answer, on average. */
export interface Pace {
  readonly count: number;
  readonly thinkMs: number;
}

/** The users of one site of the miniature. They sign in once: neither swap nor rollback signs them out. */
export class Users {
  readonly #origin: string;
  readonly #pace: Pace;
  readonly #signedIn = new Map<number, ReadonlyMap<string, string>>();

  constructor(origin: string, pace: Pace) {
    this.#origin = origin;
    this.#pace = pace;
  }

  /** Sets them to work, and returns once every kind of request has been answered. */
  async work(): Promise<Work> {
    const { count, thinkMs } = this.#pace;
    const log = new WorkLog(count);
    const load = await startLoad({
      origin: this.#origin,
      signIn: async (client) => await this.#signIn(client),
      mix: mixOf(log),
      clients: count,
      thinkMs,
    });
    const work: Work = {
      ledger: load.ledger,
      editions: log.editions,
      acknowledged: log.acknowledged,
      everybodySees: async (edition) => await log.untilEverybodySees(edition),
      everythingIsAnswered: async () => await log.untilEverythingIsAnswered(),
      stop: async () => await load.stop(),
    };
    try {
      await work.everythingIsAnswered();
    } catch (error) {
      throw new Error(describe(await load.stop()), { cause: error });
    }
    return work;
  }

  async #signIn(client: Client): Promise<void> {
    const kept = this.#signedIn.get(client.number);
    if (kept) {
      for (const [name, value] of kept) client.cookies.set(name, value);
      return;
    }
    await client.send({ method: "GET", path: pages.sign });
    await client.send({
      ...form(client, pages.sign, credentials.user(client.number)),
      check: ({ status }) => (status === 302 ? undefined : "not signed in"),
    });
    this.#signedIn.set(client.number, new Map(client.cookies));
  }
}

/** Users at work. */
export interface Work {
  readonly ledger: Ledger;
  /** Per user, the editions their pages said they were of, each change noted. */
  readonly editions: ReadonlyMap<number, readonly string[]>;
  /** Keys of the writes acknowledged so far. */
  readonly acknowledged: ReadonlySet<string>;
  /** Resolves once the last page of every user was of this edition. */
  everybodySees(edition: string): Promise<void>;
  /** Resolves once every kind of request has been answered again. */
  everythingIsAnswered(): Promise<void>;
  stop(): Promise<LoadReport>;
}

/** What a test shows of a load that did not go as it should. */
export function describe({ requests, failed, failures, waits }: LoadReport): string {
  const lines = failures.map(
    ({ at, method, path, reason, afterMs }) =>
      `  ${at.toISOString()} ${method} ${path}: ${reason} after ${afterMs} ms`,
  );
  return [
    `${failed} of ${requests} requests failed, ${waits.longest} ms the longest wait`,
    ...lines,
  ].join("\n");
}

class WorkLog {
  readonly #users: number;
  readonly editions = new Map<number, string[]>();
  readonly acknowledged = new Set<string>();
  /** Begun first: what is rare by its weight would be waited for. */
  #wanted: Kind[] = [];
  /** What everybody has to see. */
  #edition: string | undefined;
  readonly #answered = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  constructor(users: number) {
    this.#users = users;
  }

  answered(kind: string): void {
    this.#answered.set(kind, (this.#answered.get(kind) ?? 0) + 1);
    for (const look of this.#waiting) look();
  }

  saw({ number }: Client, edition: string): void {
    const seen = this.editions.get(number) ?? [];
    if (seen.at(-1) !== edition) seen.push(edition);
    this.editions.set(number, seen);
  }

  /** What a user is to do next, because it is waited for; undefined when anything may be done. */
  next({ number }: Client): Kind | undefined {
    const behind =
      this.#edition !== undefined && this.editions.get(number)?.at(-1) !== this.#edition;
    return this.#wanted.shift() ?? (behind ? "page" : undefined);
  }

  async untilEverybodySees(edition: string): Promise<void> {
    this.#edition = edition;
    await this.until(
      () =>
        this.editions.size === this.#users &&
        this.editions.values().every((seen) => seen.at(-1) === edition),
      `everybody sees ${edition}`,
    );
    this.#edition = undefined;
  }

  async untilEverythingIsAnswered(): Promise<void> {
    const before = new Map(this.#answered);
    this.#wanted = [...kinds];
    await this.until(
      () => kinds.every((kind) => (this.#answered.get(kind) ?? 0) > (before.get(kind) ?? 0)),
      "every kind of request is answered",
    );
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      if (condition()) resolve();
    };
    const limit = setTimeout(
      () => reject(new Error(`Not within ${patience} ms: ${what}`)),
      patience,
    );
    this.#waiting.add(look);
    look();
    try {
      await promise;
    } finally {
      clearTimeout(limit);
      this.#waiting.delete(look);
    }
  }
}

const kinds = [
  "page",
  "slow page",
  "static file",
  "form",
  "small write",
  "slow write",
  "big write",
  "slow upload",
] as const;

type Kind = (typeof kinds)[number];

const small = Buffer.alloc(200, "biomaid ");
const large = Buffer.alloc(400_000, "biomaid ");
const huge = Buffer.alloc(3 * 2 ** 20, "biomaid ");

function mixOf(log: WorkLog): readonly Activity[] {
  const write = async (client: Client, callOf: (key: string) => Call) => {
    let key = "";
    await client.write((given) => callOf((key = given)));
    log.acknowledged.add(key);
  };
  const entry =
    (query: string, body: Buffer, more: Partial<Call> = {}) =>
    (client: Client) =>
      write(client, (key) => ({
        method: "POST",
        path: `${pages.ledger}${key}/${query}`,
        body,
        ...more,
      }));
  const what: Record<Kind, Activity> = {
    page: { weight: 8, run: async (client) => await look(client, log, anyPage()) },
    "slow page": {
      weight: 0.4,
      run: async (client) => await look(client, log, `${pages.slow}?seconds=0.8`),
    },
    "static file": {
      weight: 1,
      run: async (client) => await client.send({ method: "GET", path: "/static/edition.txt" }),
    },
    form: {
      weight: 2,
      run: async (client) =>
        await write(client, (key) =>
          form(client, pages.signedIn[0], { libelle: key, montant: "12.50" }),
        ),
    },
    "small write": { weight: 3, run: entry("?keep=body", small) },
    "slow write": { weight: 0.4, run: entry("?seconds=0.6&after=0.2", small) },
    "big write": { weight: 0.4, run: entry("", huge) },
    "slow upload": {
      weight: 0.4,
      run: entry("?keep=media", large, { slowly: { pieces: 8, pauseMs: 150 } }),
    },
  };
  return kinds.map((kind) => ({
    weight: what[kind].weight,
    async run(client) {
      const chosen = log.next(client) ?? kind;
      await what[chosen].run(client);
      log.answered(chosen);
    },
  }));
}

function anyPage(): string {
  const among = [...pages.signedIn, ...pages.anonymous];
  return among[Math.floor(Math.random() * among.length)] as string;
}

async function look(client: Client, log: WorkLog, path: string): Promise<void> {
  const { body } = await client.send({
    method: "GET",
    path,
    check: ({ status }) => (status === 200 ? undefined : `${status} instead of the page`),
  });
  const edition = /data-edition="([^"]+)"/.exec(body.toString())?.[1];
  if (edition !== undefined) log.saw(client, edition);
}

function form(client: Client, path: string, fields: Readonly<Record<string, string>>): Call {
  const token = client.cookies.get("csrftoken") ?? "";
  const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken: token });
  return {
    method: "POST",
    path,
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: Buffer.from(body.toString()),
    check: ({ status }) => (status === 302 ? undefined : `${status} instead of the way on`),
  };
}
