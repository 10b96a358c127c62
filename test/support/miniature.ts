/**
 * The miniature BiomAid (test/fixtures/miniature): its releases, its pages, and its repositories,
 * built by `buildMiniature` or `node test/support/miniature.ts DIRECTORY`.
 *
 * Every request needs a User-Agent and an allowed Host (localhost, 127.0.0.1, biomaid.example.org).
 *
 * Anonymous, no SQL: GET pages.anonymous. Signing in: GET pages.sign, then POST username, password
 * and csrfmiddlewaretoken (the cookie csrftoken's value) as a form: 302, or 200 when refused.
 * Signed in (else 302 to the sign page): GET pages.signedIn; POST libelle and montant as a form (with
 * the token) to /geqip-chuap/dem/ and /geqip-chuap/dem/ID/: 302; POST /geqip-chuap/dem/ID/supprimer/: 302;
 * GET /geqip-chuap/slow/?seconds=N. Every page holds data-edition="TAG"; so does the static edition.txt.
 *
 * The ledger, signed in (else 403), without a token:
 *   POST /geqip-chuap/ledger/KEY/    any body; 201 {id, key, sha256, length, process} once committed
 *     ?keep=body | media             stores the body in the row, or in MEDIA_ROOT/ecritures/KEY
 *     ?seconds=N                     holds the transaction open for so long
 *     ?after=N                       answers so long after the commit
 *   GET  /geqip-chuap/ledger/KEY/    200 {key, entries: [{id, key, sha256, length}]} or 404
 *   GET  /geqip-chuap/ledger/        {count, entries}; ?prefix=P those whose key starts with it; ?count {count}
 * An entry is one execution: a write executed twice is there twice.
 *
 * Commands: loaddata tests_db.json · fill --megabytes N · extable_update · runjobs WHEN · backup (0.13).
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { execa } from "execa";

export const tags = {
  first: "0.8.0",
  /** A nullable column, a table, a text on the index page. */
  additive: "0.8.1",
  /** No migration. */
  codeOnly: "0.8.2",
  /** The first of its two migrations passes; the second changes data and schema, then fails. */
  failingMigration: "0.8.3",
  hangingMigration: "0.8.4",
  /** Anonymous pages answer 200, signed-in ones 500. */
  unhealthy: "0.8.5",
  notBooting: "0.8.6",
  /** Its lock file names a release of a dependency that doesn't exist. */
  notBuilding: "0.8.7",
  /** Good, but the `local` repository has no such tag. */
  localMissing: "0.8.8",
  /** A migration deletes ten of the thirty requests. */
  losesRows: "0.8.9",
  /** A migration changes the amount of five requests. */
  changesValues: "0.8.10",
  /** A migration locks the requests for two seconds and a half. */
  longLock: "0.8.11",
  /** A migration that fails where two requests have the same name. */
  failsOnData: "0.8.12",
  /** A migration mails somebody and asks the directory (EMAIL_HOST, LDAP_HOST). */
  talkative: "0.8.13",
  /** Has a table for each operation of a migration … */
  beforeOperations: "0.8.14",
  /** … and makes them all. */
  eachOperation: "0.8.15",
  /** A migration takes twenty seconds. */
  longMigration: "0.8.16",
  /** Drops a column, makes a boolean an integer, adds a NOT NULL column without default. */
  destructive: "0.9",
  /** Rewrites every row of the history. */
  slowMigration: "0.9.1",
  /**
   * Needs the `local` of its own tag, and that one fits no earlier release. From it on the lock file has a wheel for
   * Windows beside another of the same package, as BiomAid's had up to 0.12.2.
   */
  localMoved: "0.10",
  /** Has `backup`; `manage.py` needs the dependency group "tests". */
  withBackup: "0.13",
} as const;

/** Branches of the `local` repository. */
export const localBranches = {
  /** Fits the releases below 0.10. */
  main: "main",
  /** Fits 0.10 and later. */
  appsInLocal: "apps-in-local",
  /** Lacks inventaire.toml: booting with it drops that table. */
  missingTable: "missing-table",
} as const;

export const credentials = {
  admin: { username: "admin", password: "miniature" },
  /** user01 … user20; `number` from 0, as the load's clients count. */
  user: (number: number) => ({
    username: `user${String((number % 20) + 1).padStart(2, "0")}`,
    password: "miniature",
  }),
} as const;

export const pages = {
  sign: "/portal-config/common/sign/",
  anonymous: ["/portal-config/common/sign/", "/geqip-chuap/index/", "/admin/login/"],
  signedIn: [
    "/geqip-chuap/dem/",
    "/geqip-chuap/common/role/",
    "/geqip-chuap/common/programme/",
    "/geqip-chuap/dem/cockpit/",
  ],
  slow: "/geqip-chuap/slow/",
  ledger: "/geqip-chuap/ledger/",
} as const;

interface Commit {
  readonly name: string;
  readonly parent?: string | undefined;
  readonly date: string;
  readonly tags: readonly string[];
  readonly branch?: string;
  readonly removes?: string;
}

const release = (
  name: string,
  date: string,
  parent?: string,
  tags: readonly string[] = [name],
): Commit => ({ name, date, parent, tags });

// As in BiomAid, the dates do not follow the versions.
const releases: readonly Commit[] = [
  release("0.8.0", "2022-05-02"),
  release("0.8.1", "2022-09-12", "0.8.0"),
  release("0.8.2", "2022-06-22", "0.8.1"),
  release("0.8.3", "2022-10-03", "0.8.1"),
  release("0.8.4", "2022-10-04", "0.8.1"),
  release("0.8.5", "2022-10-05", "0.8.1"),
  release("0.8.6", "2022-10-06", "0.8.1"),
  release("0.8.7", "2022-10-07", "0.8.1"),
  release("0.8.8", "2022-10-08", "0.8.1"),
  release("0.8.9", "2022-10-09", "0.8.1"),
  release("0.8.10", "2022-10-10", "0.8.1"),
  release("0.8.11", "2022-10-11", "0.8.1"),
  release("0.8.12", "2022-10-12", "0.8.1"),
  release("0.8.13", "2022-10-13", "0.8.1"),
  release("0.8.14", "2022-10-14", "0.8.1"),
  release("0.8.15", "2022-10-15", "0.8.14"),
  release("0.8.16", "2022-10-16", "0.8.1"),
  release("0.9", "2023-06-15", "0.8.2"),
  release("0.9.1", "2023-06-20", "0.9"),
  release("0.10", "2024-01-08", "0.9.1"),
  { ...release("0.13", "2024-03-02", "0.10"), branch: "main" },
];

const below010 = Object.values(tags).filter(
  (tag) => !["0.8.0", "0.8.8", "0.10", "0.13"].includes(tag),
);
const localCommits: readonly Commit[] = [
  release("0.8.0", "2022-05-02"),
  { ...release("0.8.1", "2022-09-12", "0.8.0", below010), branch: "main" },
  { ...release("0.10", "2024-01-08", "main", ["0.10", "0.13"]), branch: "apps-in-local" },
  {
    ...release("missing-table", "2022-09-13", "main", []),
    branch: "missing-table",
    removes: "config.d/inventaire.toml",
  },
];

/** Notes that were written after their release was tagged. */
const lateNotes = ["0.8.2"];

const fixture = join(import.meta.dirname, "../fixtures/miniature");

/**
 * Builds the repositories and a site's settings below `directory`, unless they are there; several processes may
 * ask at once.
 */
export async function buildMiniature(
  directory: string,
): Promise<{ biomaid: string; local: string; settings: string }> {
  const finished = join(directory, (await hashOfFixture()).slice(0, 16));
  const within = (folder: string) => ({
    biomaid: join(folder, "biomaid"),
    local: join(folder, "local"),
    settings: join(folder, "instance_settings.py"),
  });
  if (existsSync(finished)) return within(finished);

  await mkdir(directory, { recursive: true });
  const draft = await mkdtemp(join(directory, "draft-"));
  const { biomaid, local, settings } = within(draft);
  await buildRepository(biomaid, releases, fixture, async ({ name }) => {
    await writeFile(join(biomaid, "NEWS.md"), await newsOf(name));
    await writeFile(join(biomaid, "static/edition.txt"), `${name}\n`);
    await writeFile(join(biomaid, "common/edition.py"), `EDITION = "${name}"\n`);
  });
  await buildRepository(local, localCommits, join(fixture, "local"));
  await cp(join(fixture, "site/instance_settings.py"), settings);
  await rename(draft, finished).catch(async (error: NodeJS.ErrnoException) => {
    // Another process was faster, with the same content.
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    await rm(draft, { recursive: true });
  });
  return within(finished);
}

async function buildRepository(
  repository: string,
  commits: readonly Commit[],
  from: string,
  finish?: (commit: Commit) => Promise<void>,
): Promise<void> {
  await mkdir(repository);
  for (const commit of commits) {
    const git = gitIn(repository, commit.date);
    if (commit.parent === undefined) {
      await git("init", "--quiet", "--initial-branch=main");
      await cp(join(from, "base"), repository, { recursive: true, filter: isSource });
    } else {
      await git("checkout", "--quiet", "--detach", commit.parent);
      const overlay = join(from, "tags", commit.name);
      if (existsSync(overlay)) await cp(overlay, repository, { recursive: true, filter: isSource });
    }
    if (commit.removes !== undefined) await rm(join(repository, commit.removes));
    await finish?.(commit);
    await git("add", "--all");
    await git("commit", "--quiet", "--message", `Version ${commit.name}`);
    for (const tag of commit.tags) await git("tag", "--annotate", "--message", tag, tag);
    if (commit.branch !== undefined) await git("branch", "--force", commit.branch);
  }
  await gitIn(repository, "2024-03-02")("checkout", "--quiet", "main");
}

/** Nothing of this machine's configuration, and always the same authors and dates. */
function gitIn(repository: string, date: string) {
  const moment = `${date}T12:00:00Z`;
  const person = { NAME: "Miniature", EMAIL: "miniature@example.org", DATE: moment };
  const people = Object.entries(person).flatMap(([key, value]) =>
    ["AUTHOR", "COMMITTER"].map((who) => [`GIT_${who}_${key}`, value]),
  );
  const env = {
    ...(Object.fromEntries(people) as Record<string, string>),
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
  };
  return async (...words: string[]) => await execa("git", words, { cwd: repository, env });
}

async function newsOf(tag: string): Promise<string> {
  const notes = (name: string) => readFile(join(fixture, "news", `${name}.md`), "utf8");
  const shown: string[] = [];
  for (let name: string | undefined = tag; name !== undefined;) {
    if (name !== tag || !lateNotes.includes(name)) shown.push(await notes(name));
    name = releases.find((commit) => commit.name === name)?.parent;
  }
  return ["# Nouveautés\n", ...shown, await notes("0.7")].join("\n");
}

async function hashOfFixture(): Promise<string> {
  const hash = createHash("sha256").update(await readFile(import.meta.filename));
  const found = await readdir(fixture, { recursive: true, withFileTypes: true });
  const files = found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.filter(isSource).sort()) {
    const content = await readFile(file);
    hash.update(`${relative(fixture, file)} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

function isSource(path: string): boolean {
  return !path.includes("__pycache__");
}

if (import.meta.main) {
  const [directory] = process.argv.slice(2);
  if (directory === undefined) {
    console.error("node test/support/miniature.ts DIRECTORY");
    process.exitCode = 1;
  } else {
    console.log(await buildMiniature(directory));
  }
}
