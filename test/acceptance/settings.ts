import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Ended } from "../support/operator.ts";
import type { Check } from "./report.ts";
import type { AcceptanceSite } from "./site.ts";

/** A module that is missing is found out, though BiomAid says nothing of it; settings that are fit are applied. */
export async function renewSettings({
  operator,
  folder,
}: Pick<AcceptanceSite, "operator" | "folder">): Promise<{ operation: Ended; checks: Check[] }> {
  const file = join(folder, "instance_settings.py");
  const draft = join(folder, "new_settings.py");
  const text = await readFile(file, "utf8");
  await writeFile(draft, `${text}import zz_nope\n`);
  const faulty = await operator.checkSettings(draft);
  await writeFile(draft, `${text}EMAIL_TIMEOUT = 9\n`);
  const fit = await operator.checkSettings(draft);
  await rename(draft, file);
  const operation = await operator.operate("swap", "--settings-only");
  const look =
    "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'settings';" +
    "from django.conf import settings; print('in use:', settings.EMAIL_TIMEOUT)";
  const inUse = /^in use: (.*)$/m.exec(await operator.exec("python", "-c", look))?.[1];
  return {
    operation,
    checks: [
      {
        what: "settings: a missing module is found out",
        passed: faulty?.includes("zz_nope") ?? false,
        seen: faulty?.replaceAll("\n", " ") ?? "fit",
      },
      { what: "settings: good ones are fit", passed: fit === null, seen: fit ?? "fit" },
      { what: "settings: the new ones are in use", passed: inUse === "9", seen: inUse ?? "none" },
    ],
  };
}
