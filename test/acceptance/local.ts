import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { Ended } from "../support/instance.ts";
import type { Check } from "./report.ts";
import type { AcceptanceSite } from "./site.ts";

/** A word that no page shows before. */
const word = "Bienvenue-de-l-essai";
const branch = "renewed";

/** Makes a repository of its own of the folder local_biomaid, with the releases' tags. */
export async function localRepository(
  source: string,
  folder: string,
  tags: readonly string[],
): Promise<string> {
  const repository = join(folder, "local");
  await mkdir(repository);
  const git = gitIn(repository);
  await git("init", "--quiet", "--initial-branch=main");
  for (const tag of new Set(tags)) {
    await git("rm", "-r", "--quiet", "--force", "--ignore-unmatch", ".");
    const tree = await execa("git", ["--git-dir", source, "archive", `${tag}:local_biomaid`], {
      encoding: "buffer",
    });
    await execa("tar", ["--extract", "--directory", repository], { input: tree.stdout });
    await git("add", "--all");
    await git("commit", "--quiet", "--allow-empty", "--message", tag);
    await git("tag", tag);
  }
  return repository;
}

/** A new commit of the local settings alone, with another welcome on BiomAid's first page. */
export async function renewLocal(
  { operator, localFolder, origin }: Pick<AcceptanceSite, "operator" | "localFolder" | "origin">,
  tag: string,
): Promise<{ operation: Ended; checks: Check[] } | undefined> {
  if (localFolder === undefined) return undefined;
  const git = gitIn(localFolder);
  await git("checkout", "--quiet", "-B", branch, tag);
  const file = join(localFolder, "config.d/dem.toml");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replaceAll("Bienvenue", word));
  await git("commit", "--quiet", "--all", "--message", "Another welcome");
  const before = await firstPage(origin);
  const operation = await operator.operate("swap", "--local-only", branch);
  const after = await firstPage(origin);
  return {
    operation,
    checks: [
      {
        what: "local: the first page is that of the new commit",
        passed: !before.includes(word) && after.includes(word),
        seen: `${before.length} characters, then ${after.length}`,
      },
    ],
  };
}

async function firstPage(origin: string): Promise<string> {
  const headers = { "User-Agent": "biomaid-updater-acceptance" };
  return await (await fetch(new URL("/geqip-chuap/index/", origin), { headers })).text();
}

function gitIn(repository: string) {
  const person = { NAME: "Acceptance", EMAIL: "acceptance@example.org" };
  const env = Object.fromEntries(
    Object.entries(person).flatMap(([key, value]) =>
      ["AUTHOR", "COMMITTER"].map((who) => [`GIT_${who}_${key}`, value]),
    ),
  );
  return async (...words: string[]) => await execa("git", words, { cwd: repository, env });
}
