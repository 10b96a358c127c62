import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { loadInto, restoreInto } from "../../../src/backup/restore-dump.ts";
import { UpdaterError } from "../../../src/errors.ts";
import type { Instance } from "../../../src/instance/instance.ts";
import { playedSession } from "../../support/played-session.ts";

const dump = {
  kind: "archive",
  compression: "none",
  path: "dump",
  read: () => Promise.resolve(Readable.from(["all of it"])),
} as const;

test.for([
  ["a dump", restoreInto],
  ["a fixture", loadInto],
] as const)(
  "Ctrl-C is heard while what has been given %s works on it",
  { timeout: 5_000 },
  async ([, load]) => {
    const instance = {
      engine: playedSession().engine,
      names: { application: () => "app", database: () => "db" },
      reporter: { event: () => undefined },
      configuration: { database: { name: "biomaid", role: "biomaid" } },
    } as unknown as Instance;
    const ctrlC = new AbortController();
    const loaded = load(instance, 1, dump, ctrlC.signal);
    setTimeout(() => ctrlC.abort(new UpdaterError("interrupted", {})), 50);

    await expect(loaded).rejects.toMatchObject({ code: "interrupted" });
  },
);
