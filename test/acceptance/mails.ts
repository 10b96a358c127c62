import { catalogueOf } from "../../src/text/catalogue.ts";
import { filled } from "../../src/lib/template.ts";
import type { Operator } from "../support/operator.ts";
import type { Check } from "./report.ts";
import { addressOf, writers } from "./users.ts";

/** Where the site's settings let Django write mails; generations share it. */
export const mailFolder = "/srv/media/mails";

/** Each member of the group has got both mails of the only swap to another version so far, and nobody else has. */
export async function mailsCheck(operator: Operator, version: string): Promise<Check> {
  const text = await operator.exec("sh", "-c", `cat ${mailFolder}/*`);
  const subjects = Object.values(catalogueOf("en").mail).map(
    (mail) => filled(mail, { version, previous: "", site: "" }).split("\n")[0] ?? "",
  );
  const sent = text
    .split(/^-{79}$/m)
    .map((mail) => ["To", "Subject"].map((name) => headerOf(mail, name)))
    .filter(([, subject]) => subjects.includes(subject ?? ""))
    .map((mail) => mail.join(": "));
  const wanted = writers.flatMap((name) =>
    subjects.map((subject) => `${addressOf(name)}: ${subject}`),
  );
  return {
    what: "swap: the members of a group were mailed before and after it, once",
    passed: sent.toSorted().join() === wanted.toSorted().join(),
    seen: `${sent.length} mails`,
  };
}

function headerOf(mail: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)$`, "m").exec(mail)?.[1];
}
