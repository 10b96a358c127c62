import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll } from "vitest";
import { type Gate, startGate } from "../../src/gate/gate.ts";

/** What a browser sends with a page that its user asks for. */
export const browser = { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

/** Gives the tests of a file a gate that answers everything with its maintenance page at once. */
export function useClosedGate() {
  let folder: string;
  let gate: Gate;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "gate-page-"));
    mkdirSync(join(folder, "control"));
    mkdirSync(join(folder, "gate"));
    symlinkSync("../gate", join(folder, "control/serving"));
    gate = await startGate({
      socket: join(folder, "gate/app.sock"),
      pointer: join(folder, "control/serving"),
      holdMaxMs: 0,
      mostHeld: 100,
      workers: 2,
      language: "en",
      template: readFileSync(join(import.meta.dirname, "../../src/gate/maintenance.html"), "utf8"),
      expectedHoldMs: 170_000,
      timeZone: "Europe/Paris",
    });
  });

  afterAll(async () => {
    rmSync(join(folder, "control/serving"));
    symlinkSync("../slot-1", join(folder, "control/serving"));
    await gate.stop();
    rmSync(folder, { recursive: true });
  });

  async function ask(headers: Record<string, string>, method = "GET", body?: Buffer) {
    const sent = request({
      socketPath: join(folder, "gate/app.sock"),
      method,
      headers,
      agent: false,
    });
    sent.end(body);
    const [answer] = (await new Promise<unknown[]>((resolve, reject) => {
      sent.once("error", reject).once("response", (...found) => resolve(found));
    })) as [IncomingMessage];
    return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
  }
  return ask;
}
