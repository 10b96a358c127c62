import type Docker from "dockerode";
import { clientOf, connectEngine } from "../../src/engine/connect.ts";

/** The engine itself, for what the updater never does: breaking its own parts, looking at all of them. */
export async function docker(): Promise<Docker> {
  return clientOf(await connectEngine());
}
