import { expect, test } from "vitest";
import { namesOf } from "../../../src/instance/names.ts";
import { sendMail } from "../../../src/messages/send-mail.ts";
import { playedSession } from "../../support/played-session.ts";

/** Mails through an application that prints this to its standard output and error, and ends or does not. */
async function sent(stdout: string, stderr: string, { ends }: { readonly ends: boolean }) {
  const { engine, ...printed } = playedSession();
  const mail = { groups: [], addresses: ["a@example.org"], subject: "", text: "" };
  const instance = { engine, names: namesOf("production") };
  const answer = sendMail(instance, 1, mail, AbortSignal.timeout(2_000));
  printed.stdout.write(stdout);
  printed.stderr.write(stderr);
  if (ends) for (const stream of Object.values(printed)) stream.end();
  return await answer;
}

test("what an application says of the mail it has sent is heard", async () => {
  const answer = { sent: 1, refused: 0, unknown: [] };

  expect(await sent(`${JSON.stringify(answer)}\n`, "", { ends: true })).toEqual(answer);
});

test("one that could not begin is told with its last words", async () => {
  const said = sent("", "Traceback\nImportError: biomaid\n", { ends: true });

  await expect(said).rejects.toThrow("ImportError: biomaid");
});

test("one that goes on without an end is not heard to it", async () => {
  const said = sent("x".repeat(1_100_000), "", { ends: false });

  await expect(said).rejects.toThrow(SyntaxError);
});
