import { expect, test } from "vitest";
import { UpdaterError } from "../../../src/errors.ts";
import { sanitizeCopy } from "../../../src/rehearsal/rehearse-copy.ts";
import { playedSession } from "../../support/played-session.ts";

test(
  "Ctrl-C is heard while the site's own script works on the copy",
  { timeout: 5_000 },
  async () => {
    const instance = {
      engine: playedSession().engine,
      names: { database: () => "db" },
      reporter: { event: () => undefined },
      configuration: {
        database: { name: "biomaid" },
        rehearse: { sanitize: import.meta.filename },
      },
    };
    const ctrlC = new AbortController();
    const context = { instance, candidate: { number: 0 } } as unknown as Parameters<
      typeof sanitizeCopy.apply
    >[0];
    const sanitized = sanitizeCopy.apply(context, ctrlC.signal);
    setTimeout(() => ctrlC.abort(new UpdaterError("interrupted", {})), 50);

    await expect(sanitized).rejects.toMatchObject({ code: "interrupted" });
  },
);
