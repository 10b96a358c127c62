import type { LookUp } from "../support/ledger.ts";
import { type Client, type Load, type LoadReport, startLoad } from "../support/load.ts";
import { credentials, pages } from "../support/miniature.ts";

/** What goes on while a write is acknowledged; it decides whether the write must still be there at the end. */
export type Phase = "before" | "swap" | "between" | "rollback" | "after";

/** What became of the writes that were acknowledged. */
export interface Found {
  readonly acknowledged: number;
  /** Not there, there twice, or there with another content. */
  readonly wrong: number;
  readonly givenUp: number;
}

/** Readers and writers at work, with every acknowledged write noted. */
export class Users {
  phase: Phase = "before";
  readonly #load: Load;
  readonly #phases: Map<string, Phase>;
  readonly #lookUp: LookUp;

  private constructor(load: Load, phases: Map<string, Phase>, lookUp: LookUp) {
    this.#load = load;
    this.#phases = phases;
    this.#lookUp = lookUp;
  }

  static async start(origin: string, clients: number): Promise<Users> {
    const phases = new Map<string, Phase>();
    let first: Client | undefined;
    const write = async (client: Client): Promise<void> => {
      let key = "";
      await client.write((given) => {
        key = given;
        return { method: "POST", path: `${pages.ledger}${given}/`, body: Buffer.from(given) };
      });
      phases.set(key, users.phase);
    };
    const read = (path: string) => (client: Client) => client.send({ method: "GET", path });
    const load = await startLoad({
      origin,
      clients,
      thinkMs: 120,
      async signIn(client) {
        first ??= client;
        await signIn(client);
      },
      mix: [
        { weight: 3, run: write },
        ...[...pages.anonymous, ...pages.signedIn].map((page) => ({ weight: 1, run: read(page) })),
      ],
    });
    const users: Users = new Users(load, phases, async (prefix) => {
      const path = `${pages.ledger}?prefix=${prefix}`;
      const answer = await first?.send({ method: "GET", path });
      return (JSON.parse(answer?.body.toString() ?? "") as { entries: [] }).entries;
    });
    return users;
  }

  get counts(): Load["counts"] {
    return this.#load.counts;
  }

  /** Looks for every write acknowledged so far; those of some phases may have been given up. */
  async find(givenUp: readonly Phase[]): Promise<Found> {
    const acknowledged = new Map(this.#phases);
    const report = await this.#load.ledger.verify(this.#lookUp);
    // Whatever was acknowledged since we asked is none of our business.
    const missing = report.missing.flatMap((key) => acknowledged.get(key) ?? []);
    const lost = missing.filter((phase) => !givenUp.includes(phase)).length;
    return {
      acknowledged: acknowledged.size,
      wrong: lost + report.duplicated.length + report.altered.length,
      givenUp: missing.length - lost,
    };
  }

  /** Everybody finishes what they are doing. */
  async stop(): Promise<LoadReport> {
    return await this.#load.stop();
  }
}

async function signIn(client: Client): Promise<void> {
  await client.send({ method: "GET", path: pages.sign });
  const body = new URLSearchParams({
    ...credentials.user(client.number),
    csrfmiddlewaretoken: client.cookies.get("csrftoken") ?? "",
  });
  await client.send({
    method: "POST",
    path: pages.sign,
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: Buffer.from(body.toString()),
    check: ({ status }) => (status === 302 ? undefined : "refused"),
  });
}
