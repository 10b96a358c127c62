import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Ended } from "../support/operator.ts";
import { gitIn } from "./local-repository.ts";
import type { Check } from "./report.ts";
import type { AcceptanceSite } from "./site.ts";
import { tablesOf } from "./users.ts";

/** A line that no style sheet of BiomAid has. */
const line = "/* Another look. */";
const sheet = "static/local/css/default.css";
const branch = "renewed";

/** Booting makes a table of it. */
const table = `[[extable.tables]]
name = "Essai"
engine = "csv"
path = "essai"
filename = "essai.csv"
column.nom = {type = "string", src_column = "Nom"}
`;

/** A new commit of the local settings alone, with another style sheet and one more table. */
export async function renewLocal(
  { operator, localFolder, origin }: Pick<AcceptanceSite, "operator" | "localFolder" | "origin">,
  tag: string,
): Promise<{ operation: Ended; checks: Check[] } | undefined> {
  if (localFolder === undefined) return undefined;
  const git = gitIn(localFolder);
  await git("checkout", "--quiet", "-B", branch, tag);
  await appendFile(join(localFolder, sheet), `\n${line}\n`);
  await mkdir(join(localFolder, "config.d"), { recursive: true });
  await writeFile(join(localFolder, "config.d/essai.toml"), table);
  await git("add", "--all");
  await git("commit", "--quiet", "--message", "Another look, and a table");
  const look = async () => ({
    sheet: await (await fetch(new URL(`/${sheet}`, origin))).text(),
    tables: await tablesOf(operator),
  });
  const before = await look();
  const operation = await operator.operate("swap", "--local-only", branch);
  const after = await look();
  const made = after.tables.filter((name) => !before.tables.includes(name));
  return {
    operation,
    checks: [
      {
        what: "local: the style sheet is that of the new commit",
        passed: !before.sheet.includes(line) && after.sheet.includes(line),
      },
      {
        what: "local: booting has made the table of the new commit",
        passed: made.length === 1 && /essai/i.test(made[0] ?? ""),
        seen: made.join(", "),
      },
    ],
  };
}
