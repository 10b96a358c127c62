import type { LookUp } from "../support/ledger.ts";
import { type Client, type Load, type LoadReport, startLoad } from "../support/load.ts";
import { credentials, pages } from "../support/miniature.ts";

/** What became of the writes that were acknowledged. */
export interface Found {
  readonly acknowledged: number;
  /** Not there, there twice, or there with another content. */
  readonly wrong: number;
}

/** Readers and writers at work, with every acknowledged write noted. */
export class Users {
  readonly #load: Load;
  readonly #acknowledged: Set<string>;
  readonly #lookUp: LookUp;

  private constructor(load: Load, acknowledged: Set<string>, lookUp: LookUp) {
    this.#load = load;
    this.#acknowledged = acknowledged;
    this.#lookUp = lookUp;
  }

  static async start(origin: string, clients: number): Promise<Users> {
    const acknowledged = new Set<string>();
    let first: Client | undefined;
    const write = async (client: Client): Promise<void> => {
      let key = "";
      await client.write((given) => {
        key = given;
        return { method: "POST", path: `${pages.ledger}${given}/`, body: Buffer.from(given) };
      });
      acknowledged.add(key);
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
    return new Users(load, acknowledged, async (prefix) => {
      const path = `${pages.ledger}?prefix=${prefix}`;
      const answer = await first?.send({ method: "GET", path });
      return (JSON.parse(answer?.body.toString() ?? "") as { entries: [] }).entries;
    });
  }

  get counts(): Load["counts"] {
    return this.#load.counts;
  }

  /** Looks for every write acknowledged so far. */
  async find(): Promise<Found> {
    const acknowledged = new Set(this.#acknowledged);
    const report = await this.#load.ledger.verify(this.#lookUp);
    // Whatever was acknowledged since we asked is none of our business.
    const missing = report.missing.filter((key) => acknowledged.has(key));
    return {
      acknowledged: acknowledged.size,
      wrong: missing.length + report.duplicated.length + report.altered.length,
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
