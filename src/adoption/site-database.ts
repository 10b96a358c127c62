import { messageOf } from "../errors.ts";
import { scriptBeside } from "../lib/script.ts";
import { startAs, type User } from "../move-in/as-user.ts";
import type { Database } from "../postgres/connect.ts";
import { type Address, connectForeign, socketOf } from "../postgres/foreign.ts";
import type { SiteFacts } from "./site.ts";

const relay = scriptBeside(import.meta.url, "relay-socket.py");

/** Milliseconds that the site's database may take. */
const limitMs = 20_000;

/** Where a site's database is, and as whom the site connects; nothing where it is none of PostgreSQL's. */
export function databaseOf({ settings }: Pick<SiteFacts, "settings">): Address | undefined {
  const own = settings?.DATABASES["default"];
  if (!own || !/postgresql/.test(own.ENGINE)) return undefined;
  const { NAME: database, USER: user, PASSWORD: password, HOST: host, PORT } = own;
  return { host, port: Number(PORT) || 5432, database, user, password };
}

/**
 * Connects as the site does: with its role, its password, and from its account.
 * @param whose the account, and its Python
 * @throws Error with what the server said
 */
export async function connectAsSite(
  address: Address,
  { user: account, python }: { readonly user: User; readonly python: string },
  signal: AbortSignal,
): Promise<Database> {
  const socket = socketOf(address);
  // A server may let somebody in for the account that connects.
  const over = socket && startAs(account, [python, "-c", relay, socket], signal);
  const complaints: string[] = [];
  if (over) over.stderr.on("data", (text) => complaints.push(String(text)));
  try {
    return await connectForeign(address, limitMs, over || undefined);
  } catch (cause) {
    const said = complaints.join("").trim().split("\n").at(-1);
    throw new Error(said || messageOf(cause), { cause });
  }
}
