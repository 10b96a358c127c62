import { randomBytes } from "node:crypto";
import type { Activity, Answer, Call, Client } from "../support/load.ts";
import { sha256 } from "../support/load.ts";

/** Everything a browser does to a site, at the worst moment. */
export const everything: readonly Activity[] = [
  { weight: 40, run: (client) => client.send({ method: "GET", path: "/page" }) },
  { weight: 5, run: (client) => client.send({ method: "HEAD", path: "/page" }) },
  {
    weight: 8,
    run: (client) => client.send({ method: "GET", path: `/page?ms=${between(200, 900)}` }),
  },
  {
    weight: 3,
    run: (client) =>
      client.send({
        method: "GET",
        path: "/big?bytes=3000000",
        check: ({ body }) => (body.length === 3_000_000 ? undefined : `${body.length} bytes`),
      }),
  },
  { weight: 20, run: (client) => write(client, 300) },
  { weight: 6, run: (client) => write(client, 300, { path: `/page?ms=${between(100, 600)}` }) },
  { weight: 6, run: (client) => write(client, 3_000_000) },
  { weight: 3, run: (client) => write(client, 500_000, { headers: { Expect: "100-continue" } }) },
  { weight: 4, run: (client) => write(client, 400_000, { slowly: { pieces: 8, pauseMs: 100 } }) },
  {
    weight: 4,
    run: (client) => write(client, 400_000, { slowly: { pieces: 8, pauseMs: 100, chunked: true } }),
  },
  { weight: 2, run: (client) => write(client, 300, { giveUpAfterMs: between(1, 300) }) },
];

export function write(client: Client, bytes: number, call: Partial<Call> = {}): Promise<Answer> {
  const body = randomBytes(bytes);
  return client.write((key) => {
    const path = call.path ?? "/page";
    return {
      method: "POST",
      body,
      check: executed(body),
      ...call,
      path: `${path}${path.includes("?") ? "&" : "?"}key=${key}`,
    };
  });
}

function executed(body: Buffer): (answer: Answer) => string | undefined {
  return (answer) => {
    const { method, sha256: found } = JSON.parse(answer.body.toString()) as {
      method: string;
      sha256: string;
    };
    if (method !== "POST") return `arrived as ${method}`;
    return found === sha256(body) ? undefined : "arrived with another body";
  };
}

function between(low: number, high: number): number {
  return Math.round(low + Math.random() * (high - low));
}
