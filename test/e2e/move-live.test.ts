import { afterAll, beforeAll, expect, test } from "vitest";
import { type BareMetal, startBareMetal } from "../support/bare-metal.ts";
import { tags } from "../support/miniature.ts";
import { typedOn, underLoad } from "../support/moving.ts";
import { createSite, type Site } from "../support/site.ts";
import { heldBy, readRows } from "../support/traces.ts";
import { Users } from "../support/users.ts";

/** A machine of its own, with all that belongs to it, takes minutes. */
const long = { tags: "long" };

let site: Site;
let machine: BareMetal;
let users: Users;

/** What a database may have besides tables with a key: some of it cannot come while it is written to. */
const oddities = `
  SET ROLE biomaid;
  CREATE TABLE keyless (value text);
  INSERT INTO keyless SELECT 'k' || n FROM generate_series(1, 100) n;
  CREATE UNLOGGED TABLE "Not logged" (id int PRIMARY KEY);
  INSERT INTO "Not logged" VALUES (1), (2);
  CREATE SCHEMA apart;
  CREATE TABLE apart.things (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, double text GENERATED ALWAYS AS (name || name) STORED);
  INSERT INTO apart.things (name) VALUES ('a'), ('b');
  CREATE TABLE parted (id int PRIMARY KEY, name text) PARTITION BY RANGE (id);
  CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (10);
  CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (10) TO (20);
  INSERT INTO parted VALUES (1, 'low'), (11, 'high');
  CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO keyless VALUES (NEW.name); RETURN NEW; END';
  CREATE TRIGGER counted AFTER INSERT ON apart.things FOR EACH ROW EXECUTE FUNCTION counted();
  ALTER TABLE apart.things ENABLE ALWAYS TRIGGER counted;
  CREATE MATERIALIZED VIEW seen AS SELECT count(*) AS things FROM apart.things;
  CREATE SEQUENCE numbers;
  SELECT setval('numbers', 4711);
  SELECT lo_from_bytea(0, 'large');
  RESET ROLE;
  CREATE PUBLICATION site_s_own FOR TABLE apart.things;
  ALTER SYSTEM SET wal_level = 'replica';
`;

/** The same, counted. */
const counted = `
  SELECT (SELECT count(*)::int FROM keyless) AS keyless, (SELECT count(*)::int FROM "Not logged") AS unlogged,
         (SELECT string_agg(double, ' ' ORDER BY id) FROM apart.things) AS apart,
         (SELECT string_agg(name, ' ' ORDER BY id) FROM parted) AS parted, (SELECT things::int FROM seen) AS seen,
         (SELECT last_value::int FROM numbers) AS numbers,
         (SELECT convert_from(lo_get(oid), 'UTF8') FROM pg_largeobject_metadata) AS large`;
const all = {
  keyless: 100,
  unlogged: 2,
  apart: "aa bb",
  parted: "low high",
  seen: 2,
  numbers: 4711,
  large: "large",
};

beforeAll(async () => {
  site = await createSite(`e2e-move-live${process.env["POSTGRES_MAJOR"] ?? ""}`);
  await site.configure({ adopt: 'dump_below = "0s"' });
  machine = await startBareMetal(site, tags.first, { withEngine: true });
  users = new Users(machine.origin, { count: 10, thinkMs: 500 });
  // Where the way to the registries is known.
  await site.does("build", tags.first);
  await done("adopt", machine.home, "--stand-in", "--as-tagged", "--foreground");
  await machine.askForFiles();
  await asPostgres("biomaid", oddities);
});
afterAll(async () => {
  await site?.remove();
  await machine?.remove();
});

const typed = async (...argv: readonly string[]) => await typedOn({ site, machine }, ...argv);

async function done(...argv: readonly string[]) {
  const { exitCode, output, last } = await typed(...argv);
  expect(exitCode, output).toBe(0);
  return last;
}

/** What the machine's PostgreSQL answers to its superuser. */
async function asPostgres(database: string, statements: string): Promise<string> {
  const client = "setpriv --reuid=postgres --regid=postgres --init-groups psql -XAtq";
  const options = `-v ON_ERROR_STOP=1 ${database}`;
  const { exitCode, output } = await machine.shell(
    `${client} ${options} <<'END'\n${statements}\nEND`,
  );
  expect(exitCode, output).toBe(0);
  return output.trim();
}

/** What a copy leaves on its source where it leaves something. */
const leftovers = `
  SELECT slot_name FROM pg_replication_slots UNION ALL SELECT pubname FROM pg_publication UNION ALL
  SELECT concat(name, ' ', setting) FROM pg_file_settings WHERE sourcefile ~ 'auto.conf'`;
const asBefore = "site_s_own\nwal_level replica";

const began = "SELECT pg_postmaster_start_time()";

const generation = (number: number) => () => heldBy(site.instance, number);

test(
  "a restart of the machine's PostgreSQL is asked for, with whom else it cuts off",
  long,
  async () => {
    const before = await asPostgres("postgres", began);
    await machine.shell(
      "setpriv --reuid=postgres --regid=postgres --init-groups psql comptes -c 'SELECT pg_sleep(3600)' >/dev/null 2>&1 &",
    );

    const { exitCode, last } = await typed("adopt", "--switch", "--foreground");

    expect(exitCode).toBe(1);
    expect(last.error).toMatchObject({ code: "restartNeeded" });
    expect(last.error.what).toContain("wal_level = logical");
    expect(last.error.what).toContain("comptes (1 session cut off)");
    expect(last.error.next).toContain("--restart-database");
    expect(await asPostgres("biomaid", leftovers)).toBe(asBefore);
    expect(await asPostgres("postgres", began)).toBe(before);
  },
);

test("a rehearsal tells of the restart, and of what users will wait for", long, async () => {
  const { exitCode, output, last } = await typed("adopt", "--rehearse", "--foreground");

  expect(exitCode, output).toBe(0);
  expect(output).toContain('"code":"restartNeeded"');
  expect(output).toContain('"code":"carriedInHold"');
  const parts: { step: string; milliseconds: number }[] = last.report.hold.parts;
  const moving = parts.find(({ step }) => step === "move-database");
  expect(moving?.milliseconds).toBeLessThan(5_000);
  expect(await asPostgres("biomaid", leftovers)).toBe(asBefore);
});

/** A server that ends when it is to be restarted, and does not start as long as it is to write a logical log. */
const lame = `#!/bin/sh
[ "$3" != restart ] || { pg_ctlcluster.whole "$1" "$2" stop; exit 1; }
[ "$3" != start ] || ! grep -q "wal_level = 'logical'" /var/lib/postgresql/*/main/postgresql.auto.conf || exit 1
exec pg_ctlcluster.whole "$@"`;

test(
  "a PostgreSQL that does not come back is started as it was, and users have only waited",
  long,
  async () => {
    await machine.shell(`cd /usr/bin && mv pg_ctlcluster pg_ctlcluster.whole && cat >pg_ctlcluster <<'END'
${lame}
END
chmod 755 pg_ctlcluster`);
    try {
      await underLoad(users, generation(1), async () => {
        const { exitCode, last } = await typed(
          "adopt",
          "--switch",
          "--restart-database",
          "--foreground",
        );
        expect(exitCode, JSON.stringify(last)).toBe(3);
        expect(last.error).toMatchObject({ code: "restartFailed" });
      });
    } finally {
      await machine.shell("mv /usr/bin/pg_ctlcluster.whole /usr/bin/pg_ctlcluster");
    }

    expect(await asPostgres("biomaid", leftovers)).toBe(asBefore);
    expect(await asPostgres("postgres", "SHOW wal_level")).toBe("replica");
    expect(await done("status")).toMatchObject({ serving: 1 });
  },
);

test(
  "a database moves in while users write to it, with what cannot be copied then",
  long,
  async () => {
    await underLoad(users, generation(2), async (work) => {
      await done("adopt", "--switch", "--restart-database", "--foreground");
      await work.everythingIsAnswered();
    });

    expect(await readRows(site.instance, 2, counted)).toEqual([all]);
    const status = await done("status");
    expect(status).toMatchObject({ serving: 2, wayBack: { following: { state: "working" } } });
  },
);

test(
  "nothing of the copy is left on the machine, but what its next restart ends",
  long,
  async () => {
    expect(await asPostgres("biomaid", leftovers)).toBe(asBefore);
    expect(await asPostgres("postgres", "SHOW wal_level")).toBe("logical");
  },
);

test("a rollback leads back to the machine, with all that was written since", long, async () => {
  await underLoad(users, generation(1), async (work) => {
    await work.everythingIsAnswered();
    expect(await done("rollback", "--foreground")).toMatchObject({ lost: [] });
    await work.everythingIsAnswered();
  });
});

test("it moves once more without a restart", long, async () => {
  const before = await asPostgres("postgres", began);

  await underLoad(users, generation(3), async (work) => {
    await done("adopt", "--switch", "--foreground");
    await work.everythingIsAnswered();
  });

  expect(await asPostgres("postgres", began)).toBe(before);
  expect(await asPostgres("biomaid", leftovers)).toBe(asBefore);
});
