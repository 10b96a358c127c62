import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localSettingsOf } from "../../src/source/local-settings.ts";
import { openRepository, type Repository } from "../../src/source/repository.ts";
import { tags } from "../support/miniature.ts";
import { createSite, type Site } from "../support/site.ts";

const folder = mkdtempSync(join(tmpdir(), "updater-signatures-"));
const upstream = join(folder, "upstream");
const signers = join(folder, "allowed_signers");
let repository: Repository;
let site: Site;

function git(...args: string[]): string {
  const identity = ["-c", "user.name=Test", "-c", "user.email=release@example.org"];
  return execFileSync("git", ["-C", upstream, ...identity, ...args], { encoding: "utf8" }).trim();
}

/** Settings of git that sign with a key. */
function keyOf(name: string): string[] {
  return ["-c", "gpg.format=ssh", "-c", `user.signingKey=${join(folder, name)}`];
}

function release(tag: string, ...args: string[]): void {
  git("commit", "--quiet", "--allow-empty", "--message=change");
  git(...args, tag);
}

beforeAll(async () => {
  for (const name of ["ours", "theirs"]) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)]);
  }
  const key = readFileSync(join(folder, "ours.pub"), "utf8");
  writeFileSync(signers, `release@example.org ${key}`);
  mkdirSync(upstream);
  git("init", "--quiet", "--initial-branch=main");
  release("0.1", ...keyOf("ours"), "tag", "--sign", "--message=release");
  release("0.2", "tag");
  release("0.3", "tag", "--annotate", "--message=release");
  release("0.4", ...keyOf("theirs"), "tag", "--sign", "--message=release");
  // Somebody who may push, and may not sign, gives an old release a new name.
  git("update-ref", "refs/tags/0.5", "refs/tags/0.1");
  git(...keyOf("ours"), "commit", "--quiet", "--allow-empty", "--gpg-sign", "--message=signed");
  repository = await openRepository(upstream, join(folder, "cache"));
  site = await createSite("int-signatures");
});
afterAll(async () => {
  await site?.remove();
  rmSync(folder, { recursive: true });
});

test("a tag that one of the allowed signers has signed is accepted", async () => {
  const commit = await repository.resolve("0.1");
  expect(await repository.verifyTag("0.1", commit, signers)).toBeUndefined();
});

test.each([
  ["that is not signed", "0.2", /non-tag/],
  ["with a message and without a signature", "0.3", /no signature/],
  ["of another signer", "0.4", /No principal matched|Could not verify/i],
  ["that was signed under another name", "0.5", /signed as 0\.1/],
])("a tag %s is refused", async (_, tag, reason) => {
  const commit = await repository.resolve(tag);
  await expect(repository.verifyTag(tag, commit, signers)).rejects.toMatchObject({
    code: "unsigned",
    parameters: { ref: tag, reason: expect.stringMatching(reason) as string },
  });
});

test("a signature counts for the commit that is used, whatever the name means by then", async () => {
  const other = await repository.resolve("0.2");
  await expect(repository.verifyTag("0.1", other, signers)).rejects.toMatchObject({
    code: "unsigned",
    parameters: { reason: expect.stringContaining(`not for ${other}`) as string },
  });
});

test("a branch is not signed because a tag of its name is", async () => {
  git("branch", "0.1", git("rev-parse", "0.3^{commit}"));
  const rule = { kind: "repository", repository: upstream, allowedSigners: signers } as const;
  const branch = { kind: "branch", branch: "0.1" } as const;
  const local = localSettingsOf(
    { ...rule, refs: {}, otherwise: branch },
    { tag: "0.8", commit: "" },
    repository,
    join(folder, "cache"),
  );
  await expect(local).rejects.toMatchObject({ code: "unsigned" });
});

test("local settings may come from a signed tag or a signed commit, and from nothing else", async () => {
  const localOf = async (refs: Record<string, string>) =>
    await localSettingsOf(
      {
        kind: "repository",
        repository: upstream,
        allowedSigners: signers,
        refs,
        otherwise: undefined,
      },
      { tag: "0.8", commit: "" },
      repository,
      join(folder, "cache"),
    );

  expect((await localOf({ "0.8": "0.1" })).ref).toBe("0.1");
  expect((await localOf({ "0.8": "main" })).commit).toBe(git("rev-parse", "main"));
  await expect(localOf({ "0.8": "0.2" })).rejects.toMatchObject({ code: "unsigned" });
});

test("an operation refuses an unsigned release before it begins, where the site asks for signatures", async () => {
  const { biomaid } = site.repositories;
  const copy = join(folder, "biomaid");
  cpSync(biomaid, copy, { recursive: true });
  await site.configure({
    source: `repository = "${copy}"\nallowed_signers = "${signers}"`,
  });
  const { exitCode, all } = await site.run("init", tags.first);

  expect(all).toMatch(/0\.8\.0 of .* is not signed by anybody in .*allowed_signers: /);
  expect(all).toContain("Production: this command has changed nothing.");
  expect(exitCode).toBe(1);
});
