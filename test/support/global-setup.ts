import { beginPreparing } from "./prepared-sites.ts";

/** What vitest calls once around all files of a run. */
export default async function setup(): Promise<() => Promise<void>> {
  return await beginPreparing();
}
