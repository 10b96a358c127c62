import { createInterface } from "node:readline";
import type { Site } from "./site.ts";

/** Says what it hears. */
const program = `
import asyncore, smtpd
smtpd.DebuggingServer(("localhost", 8025), None, decode_data=True)
print("ready", flush=True)
asyncore.loop()
`;

/**
 * A mail server beside the serving application, where the miniature's settings look for one; it ends with it.
 * @returns lines of the mails it takes in, as they come
 */
export async function startMailServer(site: Site): Promise<readonly string[]> {
  const heard: string[] = [];
  const server = site.run("exec", "--", "python", "-W", "ignore", "-c", program);
  const listening = Promise.withResolvers<void>();
  createInterface({ input: server.stdout }).on("line", (line) => {
    heard.push(line);
    listening.resolve();
  });
  void server.then(({ all }) => listening.reject(new Error(all)));
  await listening.promise;
  return heard;
}
