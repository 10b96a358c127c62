import type { Hands } from "./hands.ts";

/** Milliseconds each part of a procedure took, in order. */
export type Parts = Record<string, number>;

/** What the documented backup leaves out, as far as the miniature has it. */
const leftOut = ["extable", "contenttypes", "sessions", "auth.Permission"];

/**
 * The documented procedure, by hand: stop, back up, migrate, collect static files, start. What costs nothing
 * here is not timed: telling the users, and code and dependencies, which are there already.
 */
export async function byTheBook(hands: Hands): Promise<Parts> {
  const { old, young } = hands;
  const before = await hands.environment(old, old);
  const after = await hands.environment(young, old);
  const { parts, time } = timer();
  await time("stop", async () => await hands.stopApplication(old));
  await time("backup", async () => {
    const exclusions = leftOut.flatMap((one) => ["-e", one]);
    const file = "/srv/backups/bench.json.bz2";
    await before.manage("dumpdata", "-a", "--natural-foreign", ...exclusions, "-o", file);
  });
  await time("migrate", async () => await after.manage("migrate", "--verbosity", "0"));
  await time("collectstatic", async () => {
    await after.manage("collectstatic", "--noinput", "--verbosity", "0");
  });
  await time("start", async () => {
    await hands.pointTo(young);
    await after.serve();
  });
  return parts;
}

/** Blue and green without a standby: stop, copy the database, start and migrate the copy, switch. */
export async function naively(hands: Hands): Promise<Parts> {
  const { old, young } = hands;
  await hands.startDatabase(young);
  const after = await hands.environment(young, young);
  await hands.stopDatabase(young);
  const { parts, time } = timer();
  await time("stop", async () => {
    await hands.stopApplication(old);
    await hands.stopDatabase(old);
  });
  await time("copy", async () => await hands.copyDatabase(old, young));
  await time("start the database", async () => await hands.startDatabase(young));
  await time("migrate", async () => await after.manage("migrate", "--verbosity", "0"));
  await time("collectstatic", async () => {
    await after.manage("collectstatic", "--noinput", "--verbosity", "0");
  });
  await time("start", async () => {
    await hands.startApplication(young);
    await hands.pointTo(young);
  });
  return parts;
}

/** Back to the old release, whose database the naive way has left as it was. */
export async function undoNaively(hands: Hands): Promise<void> {
  const { old, young } = hands;
  await hands.stopApplication(young);
  await hands.stopDatabase(young);
  await hands.startDatabase(old);
  await hands.startApplication(old);
  await hands.pointTo(old);
}

function timer() {
  const parts: Parts = {};
  return {
    parts,
    time: async (name: string, work: () => Promise<void>) => {
      const started = performance.now();
      await work();
      parts[name] = performance.now() - started;
    },
  };
}
