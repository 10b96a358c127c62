import { createInterface } from "node:readline";
import { feed, openSession } from "../engine/exec.ts";
import { abortable } from "../lib/abortable.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import type { Dump } from "./dump.ts";
import type { Instance } from "../instance/instance.ts";
import { paths } from "../instance/names.ts";
import type { CandidateContext } from "../steps/context.ts";
import type { Step } from "../runner/step.ts";
import { users } from "../instance/users.ts";
import { scriptBeside, shellCommand } from "../lib/script.ts";

const loadScript = scriptBeside(import.meta.url, "load-fixture.sh");

/** Steps that fill a new database from a dump. */
type LoadContext = Pick<CandidateContext, "instance" | "candidate"> & {
  readonly dump?: Dump | undefined;
};

/** Database dumps go in before the release looks at the database. */
export const restoreDatabase: Step<LoadContext> = {
  name: "restore-dump",
  async apply({ instance, candidate, dump }, signal) {
    if (!dump || dump.kind === "fixture") return;
    await restoreInto(instance, candidate.number, dump, signal);
  },
};

/** Fills the empty database of a generation. */
export async function restoreInto(
  instance: Instance,
  generation: number,
  dump: Dump,
  signal: AbortSignal,
): Promise<void> {
  const { database } = instance.configuration;
  const program =
    dump.kind === "archive"
      ? ["pg_restore", "--exit-on-error", "--no-owner", "--no-privileges"]
      : ["psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1"];
  // As the application's role: what a dump runs can then do no more than the application.
  await load(
    instance,
    instance.names.database(generation),
    [
      ...program,
      `--dbname=${database.name}`,
      `--username=${database.role}`,
      `--host=${paths.databaseSocket}`,
    ],
    { dump, user: String(users.application), signal },
  );
}

/** Fixtures go in through the release, once its tables are there. */
export const loadFixture: Step<LoadContext> = {
  name: "restore-dump",
  async apply({ instance, candidate, dump }, signal) {
    if (dump?.kind !== "fixture") return;
    await loadInto(instance, candidate.number, dump, signal);
  },
};

/** Loads a fixture into the migrated database of a generation, through its application. */
export async function loadInto(
  instance: Instance,
  generation: number,
  dump: Dump,
  signal: AbortSignal,
): Promise<void> {
  await load(
    instance,
    instance.names.application(generation),
    shellCommand(loadScript, dump.compression),
    { dump, signal },
  );
}

async function load(
  { engine, reporter }: Instance,
  container: string,
  program: readonly string[],
  { dump, user, signal }: { dump: Dump; user?: string; signal: AbortSignal },
): Promise<void> {
  const session = await openSession(engine, container, program, user ? { user } : {});
  const last: string[] = [];
  for (const output of [session.stdout, session.stderr]) {
    createInterface({ input: output }).on("line", (line) => {
      last.push(line);
      reporter.event({ type: "output", source: "database", line });
    });
  }
  const refused = (reason: string, cause?: unknown) =>
    new UpdaterError("dumpRefused", { file: dump.path, reason }, cause);
  try {
    await feed(session, await dump.read(), signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UpdaterError) throw error;
    // A program that stops reading has said why on its standard error.
    if (last.length === 0) throw refused(messageOf(error), error);
  }
  // It may work for long on what it was given; what it runs in is undone.
  const status = await abortable(signal, session.ended);
  if (status !== 0) throw refused(reasonIn(last));
}

/** What went wrong, in what a program printed: exceptions by name rather than where they were thrown. */
function reasonIn(lines: readonly string[]): string {
  const exceptions = lines.filter((line) => /^(\S+\.)?[A-Z]\w+: |\berror: /i.test(line));
  return (exceptions.length > 0 ? exceptions : lines).slice(-3).join("\n  ");
}
