import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

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

/** Runs git there, as a person of its own. */
export function gitIn(repository: string) {
  const person = { NAME: "Acceptance", EMAIL: "acceptance@example.org" };
  const env = Object.fromEntries(
    Object.entries(person).flatMap(([key, value]) =>
      ["AUTHOR", "COMMITTER"].map((who) => [`GIT_${who}_${key}`, value]),
    ),
  );
  return async (...words: string[]) => await execa("git", words, { cwd: repository, env });
}
