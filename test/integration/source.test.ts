import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { execa } from "execa";
import { extract } from "tar-stream";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { defaultColours } from "../../src/config/contrast.ts";
import type { UpdaterError } from "../../src/errors.ts";
import type { Instance } from "../../src/instance/instance.ts";
import type { TellWaiting } from "../../src/lib/while-lasting.ts";
import { newsOf } from "../../src/messages/news-of-release.ts";
import { localSettingsOf } from "../../src/source/local-settings.ts";
import { openRepository, type Repository } from "../../src/source/repository.ts";
import type { Wait } from "../../src/text/catalogue.ts";

const folder = mkdtempSync(join(tmpdir(), "updater-source-"));
const upstream = join(folder, "upstream");
const cache = join(folder, "cache");
const marker = join(folder, "marker");
let repository: Repository;

function git(where: string, ...args: string[]): string {
  const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"];
  return execFileSync("git", ["-C", where, ...identity, ...args], { encoding: "utf8" }).trim();
}

function makeRepository(where: string): void {
  mkdirSync(where, { recursive: true });
  git(where, "init", "--quiet", "--initial-branch=main");
}

function commit(where: string, files: Record<string, string>, ...tags: string[]): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(where, path)), { recursive: true });
    writeFileSync(join(where, path), content);
  }
  git(where, "add", "--all");
  git(where, "commit", "--quiet", "--allow-empty", "--message=change");
  for (const tag of tags) git(where, "tag", tag);
  return git(where, "rev-parse", "HEAD");
}

async function unpack(stream: Readable): Promise<Map<string, string>> {
  const entries = new Map<string, string>();
  const extractor = extract();
  stream.on("error", (error) => extractor.destroy(error)).pipe(extractor);
  for await (const entry of extractor) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    entries.set(entry.header.name, Buffer.concat(chunks).toString());
  }
  return entries;
}

async function failure(attempt: Promise<unknown>): Promise<UpdaterError> {
  return attempt.then(
    () => expect.fail("it should have been refused"),
    (error: UpdaterError) => error,
  );
}

beforeAll(async () => {
  makeRepository(upstream);
  commit(
    upstream,
    { "app.py": "one\n", "local_biomaid/settings.py": "demo\n" },
    "0.14.9",
    "stable",
  );
  commit(upstream, { "app.py": "two\n" }, "0.14.10", "0.13", "release-candidate");
  commit(upstream, {
    ".gitattributes":
      "secret.txt export-ignore\nid.txt export-subst\nwin.txt eol=crlf\n*.run filter=run\n",
    "secret.txt": "kept\n",
    "id.txt": "$Format:%H$\n",
    "win.txt": "line\n",
    "a.run": "plain\n",
    "NEWS.md": "## Version 0.15 (21 juin 2024)\n- [X] Mieux\n",
  });
  git(upstream, "tag", "--annotate", "--message=release", "0.15");
  git(upstream, "config", "filter.run.smudge", `touch ${marker}`);
  git(upstream, "config", "core.hooksPath", join(folder, "hooks"));
  repository = await openRepository(upstream, cache);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("lists version tags in the order of versions, annotated ones with their commit", async () => {
  const tags = await repository.tags();
  expect(tags.map(({ tag }) => tag)).toEqual(["0.13", "0.14.9", "0.14.10", "0.15"]);
  expect(tags[3]!.commit).toBe(git(upstream, "rev-parse", "HEAD"));
  expect(Math.abs(tags[3]!.date.getTime() - Date.now())).toBeLessThan(600_000);
});

test("resolves a tag, light or annotated, to its commit", async () => {
  expect(await repository.resolve("0.15")).toBe(git(upstream, "rev-parse", "0.15^{commit}"));
  expect(await repository.resolve("0.14.9")).toBe(git(upstream, "rev-parse", "0.14.9"));
});

test("suggests the nearest tags for one that does not exist", async () => {
  const error = await failure(repository.resolve("0.14.11"));
  expect(error).toMatchObject({ code: "tagMissing", parameters: { tag: "0.14.11" } });
  expect((error as UpdaterError<"tagMissing">).parameters.nearest[0]).toBe("0.14.10");
});

test("does not take a branch or a commit for a tag", async () => {
  expect(await failure(repository.resolve("main"))).toMatchObject({ code: "tagMissing" });
  const id = git(upstream, "rev-parse", "HEAD");
  expect(await failure(repository.resolve(id))).toMatchObject({ code: "tagMissing" });
});

test.each(
  [
    ["", "--upload-pack=touch x", "-u", "../x", "HEAD~1", "0.14..0.15", "0.15^{}", "0.15:app.py"],
    [
      "refs/tags/0.15",
      "@{-1}",
      "@",
      "HEAD",
      ".",
      "0.15 ",
      "0.15\n",
      ":/two",
      "0.15.lock",
      "*",
      "$(id)",
    ],
  ].flat(),
)("refuses %j as a tag before git sees it", async (tag) => {
  expect(await failure(repository.resolve(tag))).toMatchObject({ code: "tagRefused" });
});

test("a second opening brings new tags and drops deleted or moved ones", async () => {
  const moving = join(folder, "moving");
  makeRepository(moving);
  commit(moving, { a: "1" }, "0.1.0", "0.1.1");
  await openRepository(moving, cache);
  git(moving, "tag", "--delete", "0.1.0");
  const moved = commit(moving, { a: "2" }, "0.1.2");
  git(moving, "tag", "--force", "0.1.1");
  const tags = await (await openRepository(moving, cache)).tags();
  expect(tags.map(({ tag }) => tag)).toEqual(["0.1.1", "0.1.2"]);
  expect(tags[0]!.commit).toBe(moved);
});

test("archives exactly what the tag holds, whatever .gitattributes say", async () => {
  const files = await unpack(await repository.archive(await repository.resolve("0.15")));
  expect(files.get("secret.txt")).toBe("kept\n");
  expect(files.get("id.txt")).toBe("$Format:%H$\n");
  expect(files.get("win.txt")).toBe("line\n");
  expect(files.get("a.run")).toBe("plain\n");
  expect(existsSync(marker)).toBe(false);
});

test("archives a folder as if it were the root", async () => {
  const files = await unpack(
    await repository.archive(await repository.resolve("0.14.9"), "local_biomaid"),
  );
  expect([...files.keys()].filter((name) => name !== "pax_global_header")).toEqual(["settings.py"]);
});

test("names a folder that the commit lacks", async () => {
  const commit = await repository.resolve("0.15");
  for (const name of ["local_other", "app.py", "../x", "-x"]) {
    expect(await failure(repository.archive(commit, name))).toMatchObject({
      code: "folderMissing",
    });
  }
});

test("fails the stream when git fails in the middle of an archive", async () => {
  const broken = join(folder, "broken");
  makeRepository(broken);
  const id = commit(broken, { "a.txt": "a".repeat(10), "b.txt": "some other text" }, "0.1");
  const opened = await openRepository(broken, cache);
  const blob = git(broken, "rev-parse", "HEAD:b.txt");
  const object = join(blob.slice(0, 2), blob.slice(2));
  const [copy] = globSync(join(cache, "*", "mirror.git", "objects", object));
  rmSync(copy!);
  await expect(opened.archive(id).then(unpack)).rejects.toThrow("cannot read");
});

test("what is new in a version is found where its notes were added later, unless only signed text counts", async () => {
  const where = join(folder, "late");
  makeRepository(where);
  commit(where, { "NEWS.md": "## Version 0.9\n- [X] Avant\n" }, "0.9");
  const release = { tag: "0.10", commit: commit(where, { "app.py": "ten\n" }, "0.10") };
  commit(where, {
    "NEWS.md": "## Version 0.11\n- [X] Plus tard\n## Version 0.10\n- [X] Après coup\n",
  });
  const late = await openRepository(where, cache);
  const shown = async (from: string | undefined, allowedSigners?: string) => {
    const messages = { whatsNew: { roles: {} }, ...defaultColours };
    const configuration = { source: { allowedSigners }, messages };
    const instance = { configuration } as unknown as Pick<Instance, "configuration">;
    return (await newsOf(instance, late, release, from))?.page;
  };
  for (const from of ["0.9", undefined]) {
    expect(await shown(from)).toContain("Après coup");
    expect(await shown(from)).not.toMatch(/Avant|Plus tard/);
    expect(await shown(from, "/etc/signers")).toBeUndefined();
  }
});

test("reads a file of a commit, and nothing where there is none", async () => {
  const commit = await repository.resolve("0.15");
  expect(await repository.readFile(commit, "NEWS.md")).toContain("0.15 (21 juin");
  expect(await repository.readFile(commit, "local_biomaid/settings.py")).toBe("demo\n");
  expect(await repository.readFile(commit, "OTHER.md")).toBeUndefined();
  expect(await repository.readFile(commit, "local_biomaid")).toBeUndefined();
  expect(await repository.readFile(commit, "../x")).toBeUndefined();
});

test.each(["/etc/passwd", "../outside", "inner/../../outside"])(
  "refuses a tree with a link to %s",
  async (target) => {
    const hostile = mkdtempSync(join(folder, "hostile-"));
    makeRepository(hostile);
    symlinkSync(target, join(hostile, "link"));
    const id = commit(hostile, { "inner/a.txt": "a" }, "0.1");
    const opened = await openRepository(hostile, cache);
    expect(await failure(opened.archive(id))).toMatchObject({
      code: "treeUnsafe",
      parameters: { path: "link" },
    });
  },
);

test("keeps links that stay inside the tree", async () => {
  const linked = join(folder, "linked");
  makeRepository(linked);
  mkdirSync(join(linked, "docs"));
  symlinkSync("../app.py", join(linked, "docs", "app.py"));
  const id = commit(linked, { "app.py": "x" }, "0.1");
  const opened = await openRepository(linked, cache);
  expect((await unpack(await opened.archive(id))).has("docs/app.py")).toBe(true);
});

test("runs no hook and no program that a repository's own settings name", async () => {
  const trap = join(folder, "trap");
  makeRepository(trap);
  commit(trap, { a: "1" }, "0.1");
  for (const key of [
    "uploadpack.packObjectsHook",
    "core.fsmonitor",
    "core.sshCommand",
    "core.pager",
  ]) {
    git(trap, "config", key, `touch ${marker};`);
  }
  await (await openRepository(trap, cache)).tags();
  expect(existsSync(marker)).toBe(false);
});

test("says that a folder is no repository, even inside another repository", async () => {
  const inner = join(upstream, "local_biomaid");
  expect(await failure(openRepository(inner, cache))).toMatchObject({ code: "notARepository" });
  expect(await failure(openRepository(join(upstream, "app.py"), cache))).toMatchObject({
    code: "notARepository",
  });
});

test("says that a path or a host cannot be reached", async () => {
  const missing = join(folder, "nowhere");
  expect(await failure(openRepository(missing, cache))).toMatchObject({
    code: "repositoryUnreachable",
  });
  const closed = "https://127.0.0.1:9/x.git";
  expect(await failure(openRepository(closed, cache))).toMatchObject({
    code: "repositoryUnreachable",
  });
});

test("refuses a transport that runs programs, without running them", async () => {
  for (const text of [
    `ext::touch ${marker}`,
    `--upload-pack=touch ${marker}`,
    "fd::3",
    "file:///tmp",
  ]) {
    expect(await failure(openRepository(text, cache))).toMatchObject({ code: "repositoryRefused" });
  }
  expect(existsSync(marker)).toBe(false);
});

test("ignores GIT_ variables that would redirect it", async () => {
  process.env["GIT_DIR"] = "/nonexistent";
  process.env["GIT_CONFIG_COUNT"] = "x";
  try {
    expect((await (await openRepository(upstream, cache)).tags()).length).toBe(4);
  } finally {
    delete process.env["GIT_DIR"];
    delete process.env["GIT_CONFIG_COUNT"];
  }
});

test.runIf(process.getuid?.() === 0)(
  "reads a repository that belongs to someone else",
  async () => {
    const theirs = join(folder, "theirs");
    makeRepository(theirs);
    commit(theirs, { a: "1" }, "0.1");
    execFileSync("chown", ["--recursive", "nobody", theirs]);
    expect((await (await openRepository(theirs, cache)).tags()).length).toBe(1);
  },
);

test("is fetched by several commands at once", async () => {
  const together = join(folder, "together");
  const opened = await Promise.all(
    Array.from({ length: 24 }, async () => await openRepository(upstream, together)),
  );
  for (const one of opened) {
    expect(await one.resolve("0.15")).toBe(git(upstream, "rev-parse", "0.15^{commit}"));
  }
});

test("waits for another command that reads it, tells which lock that has, and gives up in the end", async () => {
  const shared = join(folder, "shared");
  await openRepository(upstream, shared);
  const [mirror = ""] = globSync(join(shared, "*/mirror.git"));
  const lock = join(mirror, "..", "lock");
  const other = execa("flock", [lock, "cat"], { reject: false });
  await vi.waitUntil(() => spawnSync("flock", ["--nonblock", lock, "true"]).status === 1);
  const told: (Wait | undefined)[] = [];
  const tell: TellWaiting<Wait> = async (look, work) => {
    await vi.waitUntil(async () => (await look())?.kind === "fetch");
    told.push(await look());
    return await work;
  };

  const late = await failure(openRepository(upstream, shared, { tell, timeLimitMs: 500 }));
  const patient = openRepository(upstream, shared, { tell });
  await vi.waitUntil(() => told.length === 2);
  other.stdin?.end();
  await other;

  expect(told[1]).toMatchObject({ kind: "fetch", repository: upstream, lock });
  expect(late).toMatchObject({ code: "repositoryLocked", parameters: { lock } });
  expect(await (await patient).resolve("0.15")).toBe(git(upstream, "rev-parse", "0.15^{commit}"));
});

test("is fetched after a git that was killed has left its locks", async () => {
  const interrupted = join(folder, "interrupted");
  await openRepository(upstream, interrupted);
  const [mirror = ""] = globSync(join(interrupted, "*/mirror.git"));
  for (const file of ["config", "packed-refs", "HEAD", "refs/tags/0.14.9"]) {
    writeFileSync(join(mirror, `${file}.lock`), "");
  }
  const before = git(upstream, "rev-parse", "0.14.9");
  git(upstream, "tag", "--force", "0.14.9", "0.14.10");
  try {
    const again = await openRepository(upstream, interrupted);
    expect(await again.resolve("0.14.9")).toBe(git(upstream, "rev-parse", "0.14.10"));
  } finally {
    git(upstream, "tag", "--force", "0.14.9", before);
  }
});

describe("a repository on a server", () => {
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/silent")) return;
    response.writeHead(request.url?.startsWith("/private") ? 401 : 404).end();
  });
  let address: string;

  beforeAll(async () => {
    await once(server.listen(0, "127.0.0.1"), "listening");
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test.each([
    ["private", "repositoryForbidden"],
    ["missing", "notARepository"],
  ])("that is %s is told as %s", async (path, code) => {
    expect(await failure(openRepository(`${address}/${path}`, cache))).toMatchObject({ code });
  });

  test("that never answers is given up in time", async () => {
    const began = Date.now();
    const options = { timeLimitMs: 500 };
    const error = await failure(openRepository(`${address}/silent`, cache, options));
    expect(error).toMatchObject({ code: "repositoryTimeout" });
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  test("is given up when the operation is", async () => {
    const began = Date.now();
    const options = { signal: AbortSignal.timeout(300) };
    const error = await failure(openRepository(`${address}/silent`, cache, options));
    expect(error.name).toBe("TimeoutError");
    expect(Date.now() - began).toBeLessThan(5_000);
  });
});

const site = join(folder, "site-local");

beforeAll(() => {
  makeRepository(site);
  commit(site, { "settings.py": "old" }, "0.14.9");
  git(site, "branch", "next");
  commit(site, { "settings.py": "new" });
});

async function chosen(
  rule: { refs?: Record<string, string>; branch?: string; same?: true },
  tag: string,
) {
  const otherwise = rule.branch
    ? { kind: "branch" as const, branch: rule.branch }
    : rule.same && { kind: "same-tag" as const };
  const local = {
    kind: "repository" as const,
    repository: site,
    refs: rule.refs ?? {},
    otherwise,
    allowedSigners: undefined,
  };
  return localSettingsOf(local, { tag, commit: "" }, repository, cache);
}

test("takes the local settings of the same tag, a branch or the explicit table, which comes first", async () => {
  const [old, current] = [git(site, "rev-parse", "0.14.9"), git(site, "rev-parse", "main")];
  expect(await chosen({ same: true }, "0.14.9")).toMatchObject({ commit: old, ref: "0.14.9" });
  expect(await chosen({ branch: "main" }, "0.15")).toMatchObject({ commit: current });
  const refs = { "0.15": "next", "0.13": old.slice(0, 10) };
  expect(await chosen({ refs, branch: "main" }, "0.15")).toMatchObject({
    commit: old,
    ref: "next",
  });
  expect(await chosen({ refs }, "0.13")).toMatchObject({ commit: old });
  const files = await unpack(await (await chosen({ branch: "main" }, "0.15")).archive());
  expect(files.get("settings.py")).toBe("new");
});

test("names the missing ref of the local repository and the rule that asked for it", async () => {
  expect(await failure(chosen({ same: true }, "0.15"))).toMatchObject({
    code: "localRefMissing",
    parameters: { ref: "0.15", key: "ref", tag: "0.15" },
  });
  expect(await failure(chosen({ branch: "gone" }, "0.15"))).toMatchObject({
    parameters: { ref: "gone", key: "branch" },
  });
  expect(await failure(chosen({ refs: { "0.15": "abcdef1234" } }, "0.15"))).toMatchObject({
    parameters: { ref: "abcdef1234", key: "refs" },
  });
  expect(await failure(chosen({ refs: { "0.15": "main" } }, "0.14.9"))).toMatchObject({
    code: "localRuleSilent",
  });
});

test("takes a folder of BiomAid's own tree at the tag", async () => {
  const settings = await localSettingsOf(
    { kind: "folder", folder: "local_biomaid" },
    { tag: "0.15", commit: await repository.resolve("0.15") },
    repository,
    cache,
  );
  expect((await unpack(await settings.archive())).get("settings.py")).toBe("demo\n");
});
