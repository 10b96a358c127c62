import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSite, type Site } from "../support/site.ts";
import { type BadInput, reactionTo, refusal } from "./bad-input.refusal.ts";

/** Nothing of it is on the engine, and nothing of it may come to be. */
let site: Site;
beforeAll(async () => {
  site = await createSite("int-bad-nowhere");
  await secretFile("readable-by-all", 0o644);
});
afterAll(async () => await site.remove());

const inFolder = (name: string) => join(site.folder, name);
function refused(title: string, given: BadInput | (() => BadInput)): void {
  test(`refused: ${title}`, async () => {
    const input = typeof given === "function" ? given() : given;
    expect(await reactionTo(input, site)).toEqual(refusal(input));
  });
}

async function secretFile(name: string, mode: number): Promise<void> {
  await writeFile(inFolder(name), "secret");
  await chmod(inFolder(name), mode);
}

describe("the command line", () => {
  const wrong = (argv: readonly string[], ...mentions: string[]) =>
    refused(`updater ${argv.join(" ")}`, { argv, refusal: "usage", exit: 2, mentions });

  wrong([], "updater --help");
  wrong(["swpa", "0.8.1"], "swpa", "swap");
  wrong(["swap"], "updater swap --help");
  wrong(["swap", "0.8.1", "0.8.2"], "0.8.2");
  wrong(["swap", "0.8.1", "--force"], "--force");
  wrong(["rollback", "--accept-dataloss"], "--accept-dataloss", "--accept-data-loss");
  wrong(["swap", "--upload-pack=x"], "--upload-pack=x");
  wrong(["init", "0.8.0", "--from-dump"], "--from-dump");
  wrong(["logs", "--tail", "many"], "--tail");

  for (const tag of [
    "--upload-pack=x",
    "../x",
    "/etc/passwd",
    "HEAD~1",
    "HEAD",
    "refs/tags/0.8.0",
    "0.8.0;id",
    "",
  ]) {
    refused(`the tag “${tag}”, which can only be an option, a path or a revision`, {
      argv: ["init", "--", tag],
      refusal: "tagRefused",
      exit: 2,
      mentions: [tag, "0.8.1", "updater versions"],
    });
  }

  test("a language there are no texts in", async () => {
    const { all, exitCode } = await site.run("--lang=de", "status");
    expect(all).toMatch(/^Error: .*“de”.*\nNext: .*--lang fr/);
    expect(exitCode).toBe(2);
  });

  refused("a tag that does not exist", {
    argv: ["init", "0.80.1"],
    refusal: "tagMissing",
    exit: 1,
    mentions: ["0.80.1", "0.8.1", "updater versions"],
  });

  refused("a branch in place of a tag", { argv: ["init", "main"], refusal: "tagMissing", exit: 1 });
});

describe("the configuration", () => {
  const invalid = (title: string, tables: Record<string, string>, ...mentions: string[]) =>
    refused(title, {
      argv: ["init", "0.8.0"],
      tables,
      refusal: "configurationInvalid",
      exit: 2,
      mentions,
    });

  refused("a file that is not there", {
    argv: ["--config", "/nonexistent/updater.toml", "init"],
    refusal: "configurationMissing",
    exit: 2,
    mentions: ["/nonexistent/updater.toml", "--config"],
  });
  refused("a folder in its place", {
    argv: ["--config", "/etc", "init"],
    refusal: "configurationUnreadable",
    exit: 2,
    mentions: ["/etc"],
  });
  refused("TOML that breaks off", {
    argv: ["init"],
    tables: { listen: 'port = 8080\naddress = "127.0.0.1' },
    refusal: "configurationSyntax",
    exit: 2,
    mentions: ['address = "127.0.0.1'],
  });
  invalid("a wrong type", { listen: 'port = "8080"' }, "listen.port");
  invalid("a misspelt key", { listen: "prot = 8080" }, "listen.prot", "port");
  invalid(
    "several errors, told together",
    { listen: "port = 70000", hold: 'max = "soon"' },
    "listen.port",
    "65535",
    "hold.max",
    "30s",
  );
  invalid(
    "a secret's file that is not there",
    { secrets: 'mail = "secrets/mail"' },
    "secrets/mail",
  );
  invalid(
    "a secret that every user of the machine may read",
    { secrets: 'mail = "readable-by-all"' },
    "chmod 600",
  );
  invalid(
    "settings that are not there",
    { site: 'settings = "none.py"\nhost_names = ["a"]' },
    "none.py",
  );
  invalid("an instance name that is an option", { "": 'instance = "--privileged"' }, "instance");
  invalid(
    "a repository that runs a program",
    { source: 'repository = "ext::sh -c id"' },
    "source.repository",
  );
  invalid("a repository that is not there", { source: 'repository = "none"' }, "source.repository");
});

describe("the repositories", () => {
  const repository = async (name: string, tag?: string) => {
    const git = async (...words: string[]) =>
      await execa("git", [
        "-C",
        inFolder(name),
        "-c",
        "user.name=T",
        "-c",
        "user.email=t@example.org",
        ...words,
      ]);
    await mkdir(inFolder(name));
    await git("init", "--quiet");
    await writeFile(join(inFolder(name), "README"), "Something else.");
    await git("add", "README");
    await git("commit", "--quiet", "--message=Begin");
    if (tag !== undefined) await git("tag", tag);
  };
  beforeAll(async () => {
    await mkdir(inFolder("empty"));
    await repository("untagged");
    await repository("something-else", "0.8.0");
  });

  refused("a folder that is no repository", {
    argv: ["init", "0.8.0"],
    tables: { source: 'repository = "empty"' },
    refusal: "notARepository",
    exit: 1,
    mentions: ["empty", "updater.toml"],
  });
  refused("a server that does not answer", {
    argv: ["init", "0.8.0"],
    tables: { source: 'repository = "https://127.0.0.1:1/biomaid.git"' },
    refusal: "repositoryUnreachable",
    exit: 1,
    mentions: ["git ls-remote https://127.0.0.1:1/biomaid.git"],
  });
  refused("a repository without a version", {
    argv: ["init"],
    tables: { source: 'repository = "untagged"' },
    refusal: "noVersions",
    exit: 1,
    mentions: ["untagged"],
  });
  refused("a repository of something else", {
    argv: ["init", "0.8.0"],
    tables: { source: 'repository = "something-else"' },
    refusal: "notBiomaid",
    exit: 1,
    mentions: ["something-else", "0.8.0"],
  });
  refused("a version without local settings", {
    argv: ["init", "0.8.8"],
    refusal: "localRefMissing",
    exit: 1,
    mentions: ["0.8.8", "[local.refs]"],
  });
});
