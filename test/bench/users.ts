import { setTimeout as pause } from "node:timers/promises";
import type { LedgerEntry, LookUp } from "../support/ledger.ts";
import type { Activity, Answer, Call, Client } from "../support/load.ts";
import { credentials, pages } from "../support/miniature.ts";

export interface Users {
  /** Once for each client: a swap signs nobody out. */
  readonly signIn: (client: Client) => Promise<void>;
  readonly mix: readonly Activity[];
  /** Through the site itself, as a user of it. */
  readonly lookUp: LookUp;
  /** Asks for a page over and over; `stop` tells the longest time without an answer, in milliseconds. */
  watch(): { stop(): number };
  /** Returns once that page comes. */
  untilAnswered(signal: AbortSignal): Promise<void>;
}

const megabytes = (count: number) => Buffer.alloc(count * 2 ** 20, "biomaid ");

const atWork: readonly Activity[] = [
  { weight: 4, run: readAPage },
  { weight: 2, run: async (client) => await client.write((key) => write(key, Buffer.from(key))) },
];

const uploading: Activity = {
  weight: 0.2,
  run: async (client) => await client.write((key) => write(key, megabytes(2))),
};

async function readAPage(client: Client): Promise<void> {
  const among = [...pages.signedIn, ...pages.anonymous];
  const path = among[Math.floor(Math.random() * among.length)] as string;
  await client.send({ method: "GET", path, check: isThePage });
}

function write(key: string, body: Buffer): Call {
  return { method: "POST", path: `${pages.ledger}${key}/`, body };
}

function isThePage({ status }: Answer): string | undefined {
  return status === 200 ? undefined : `${status} instead of the page`;
}

/** The users of one site of the miniature; `uploads` when now and then one of them sends two megabytes. */
export function usersOf(origin: string, { uploads }: { uploads: boolean }): Users {
  const signedIn = new Map<number, ReadonlyMap<string, string>>();
  let cookie = "";

  const signIn = async (client: Client) => {
    const kept = signedIn.get(client.number);
    if (kept) {
      for (const [name, value] of kept) client.cookies.set(name, value);
      return;
    }
    await client.send({ method: "GET", path: pages.sign });
    const form = new URLSearchParams({
      ...credentials.user(client.number),
      csrfmiddlewaretoken: client.cookies.get("csrftoken") ?? "",
    });
    await client.send({
      method: "POST",
      path: pages.sign,
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: Buffer.from(form.toString()),
      check: ({ status }) => (status === 302 ? undefined : "not signed in"),
    });
    signedIn.set(client.number, new Map(client.cookies));
    cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  };
  const ask = async (path: string) =>
    await fetch(new URL(path, origin), {
      headers: { Cookie: cookie, "User-Agent": "biomaid-updater-bench" },
      redirect: "manual",
    });

  const answers = async () => {
    try {
      const answer = await ask(pages.signedIn[0]);
      await answer.arrayBuffer();
      return answer.status === 200;
    } catch {
      return false;
    }
  };

  return {
    signIn,
    mix: uploads ? [...atWork, uploading] : atWork,
    async lookUp(prefix) {
      const answer = await ask(`${pages.ledger}?prefix=${prefix}`);
      return ((await answer.json()) as { entries: LedgerEntry[] }).entries;
    },
    watch() {
      let longest = 0;
      let watching = true;
      let last = performance.now();
      const look = async () => {
        if (await answers()) {
          longest = Math.max(longest, performance.now() - last);
          last = performance.now();
        }
        if (watching) setTimeout(() => void look(), 20);
      };
      void look();
      return {
        stop() {
          watching = false;
          return longest;
        },
      };
    },
    async untilAnswered(signal) {
      while (!(await answers())) await pause(50, undefined, { signal });
    },
  };
}
