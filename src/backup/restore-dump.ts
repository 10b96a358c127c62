import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { feed, openSession, type Session } from "../engine/exec.ts";
import { abortable } from "../lib/abortable.ts";
import { isError, messageOf, UpdaterError } from "../errors.ts";
import type { Dump } from "./dump.ts";
import type { Instance } from "../instance/instance.ts";
import { paths } from "../instance/names.ts";
import { users } from "../instance/users.ts";
import { scriptBeside, shellCommand } from "../lib/script.ts";
import { whileLasting } from "../lib/while-lasting.ts";
import { freeBytes } from "../runner/preflight.ts";
import type { Step } from "../runner/step.ts";
import type { CandidateContext } from "../steps/context.ts";
import { sqlForSite } from "./plain-sql.ts";

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
    await restoreForeign(instance, candidate.number, dump, signal);
  },
};

/** Fills the empty database of a generation from an archive that the updater has made. */
export async function restoreInto(
  instance: Instance,
  generation: number,
  dump: Dump,
  signal: AbortSignal,
): Promise<void> {
  const program = ["pg_restore", "--exit-on-error", "--no-owner", "--no-privileges"];
  await load(instance, generation, inDatabase(instance, program), { dump, signal });
}

/**
 * Fills the empty database of a generation from a dump that somebody brought, and tells what of it is not taken over. An
 * archive becomes SQL first, to be looked through line by line.
 */
export async function restoreForeign(
  instance: Instance,
  generation: number,
  dump: Dump,
  signal: AbortSignal,
): Promise<void> {
  const { path: file } = dump;
  const leftOut = { roles: new Set<string>(), settings: new Set<string>() };
  const archive =
    dump.kind === "archive" ? await unpack(instance, generation, dump, signal) : undefined;
  const breaksOff = () => new UpdaterError("dumpBreaksOff", { file });
  const read = async () => sqlForSite(archive?.sql ?? (await dump.read()), leftOut, breaksOff);
  const program = ["psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1"];
  try {
    const sql = { ...dump, read };
    await load(instance, generation, inDatabase(instance, program), { dump: sql, signal });
  } catch (error) {
    // Where the archive cannot be read, its SQL breaks off.
    if (isError(error, "dumpBreaksOff")) await archive?.failure();
    throw error;
  } finally {
    archive?.end();
  }
  const roles = [...leftOut.roles];
  const settings = [...leftOut.settings];
  if (roles.length + settings.length === 0) return;
  const error = new UpdaterError("dumpLeavesOut", { file, roles, settings });
  instance.reporter.event({ type: "warning", error });
}

/** The SQL of an archive, as `pg_restore` makes it in the container of the database it is for. */
async function unpack(
  { engine, names }: Instance,
  generation: number,
  dump: Dump,
  signal: AbortSignal,
) {
  const program = ["pg_restore", "--no-owner", "--no-tablespaces", "--file=-"];
  const session = await openSession(engine, names.database(generation), program, {
    user: String(users.application),
  });
  const complaints: string[] = [];
  createInterface({ input: session.stderr }).on("line", (line) => complaints.push(line));
  let thrown: unknown;
  const fed = feed(session, await dump.read(), signal).catch((error: unknown) => {
    thrown = error;
    session.stdin.destroy();
  });
  return {
    sql: session.stdout,
    end: () => session.stdin.destroy(),
    /** @throws UpdaterError where it could not be read to its end */
    async failure(): Promise<void> {
      await abortable(signal, fed);
      if (thrown instanceof UpdaterError) throw thrown;
      if (thrown !== undefined) throw refused(dump, messageOf(thrown), thrown);
      const status = await abortable(signal, session.ended);
      if (status !== 0) throw refused(dump, reasonIn(complaints));
    },
  };
}

/** As the application's role: what a dump runs can then do no more than the application. */
function inDatabase(
  { names, configuration: { database } }: Instance,
  program: readonly string[],
): InContainer {
  return {
    containerOf: names.database,
    program: [
      ...program,
      `--dbname=${database.name}`,
      `--username=${database.role}`,
      `--host=${paths.databaseSocket}`,
    ],
    user: String(users.application),
  };
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
  const program = shellCommand(loadScript, dump.compression);
  const place = { containerOf: instance.names.application, program };
  await load(instance, generation, place, { dump, signal });
}

/** A program in one of a generation's containers. */
interface InContainer {
  readonly containerOf: (generation: number) => string;
  readonly program: readonly string[];
  readonly user?: string;
}

/** Bytes that a dump leaves on the disk, where the serving database writes too. */
const leastFree = 500_000_000;

/** Milliseconds between two looks at the disk. */
const lookEveryMs = 2_000;

async function load(
  instance: Instance,
  generation: number,
  { containerOf, program, user }: InContainer,
  { dump, signal }: { readonly dump: Dump; readonly signal: AbortSignal },
): Promise<void> {
  const { engine, names } = instance;
  const room = new AbortController();
  const look = async () => {
    const free = await freeBytes(engine, names.database(generation), paths.data);
    if (free < leastFree) {
      room.abort(new UpdaterError("dumpTooLarge", { file: dump.path, free }));
    }
  };
  const limit = AbortSignal.any([signal, room.signal]);
  const session = await openSession(
    engine,
    containerOf(generation),
    program,
    user === undefined ? {} : { user },
  );
  await whileLasting(give(instance, session, dump, limit), lookEveryMs, look);
}

/** Gives a program a dump, and waits until it has done its work. */
async function give(
  { reporter }: Instance,
  session: Session,
  dump: Dump,
  signal: AbortSignal,
): Promise<void> {
  const last: string[] = [];
  for (const output of [session.stdout, session.stderr]) {
    createInterface({ input: output }).on("line", (line) => {
      last.push(line);
      reporter.event({ type: "output", source: "database", line });
    });
  }
  let unreadable: unknown;
  const input = remembering(await dump.read(), (error) => (unreadable = error));
  try {
    await feed(session, input, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (unreadable instanceof UpdaterError) throw unreadable;
    // A program that stops reading has said why on its standard error.
    if (unreadable !== undefined || last.length === 0) {
      throw refused(dump, messageOf(unreadable ?? error), error);
    }
  }
  // It may work for long on what it was given; what it runs in is undone.
  const status = await abortable(signal, session.ended);
  if (status !== 0) throw refused(dump, reasonIn(last));
}

/** Content, of which somebody is told when it cannot be read: whoever it is written to ends with the same error. */
function remembering(content: Readable, failed: (error: unknown) => void): Readable {
  const read = async function* () {
    try {
      yield* content;
    } catch (error) {
      failed(error);
      throw error;
    }
  };
  return Readable.from(read(), { objectMode: false });
}

const refused = ({ path: file }: Dump, reason: string, cause?: unknown) =>
  new UpdaterError("dumpRefused", { file, reason }, cause);

/** What went wrong, in what a program printed: exceptions by name rather than where they were thrown. */
function reasonIn(lines: readonly string[]): string {
  const exceptions = lines.filter((line) => /^(\S+\.)?[A-Z]\w+: |\berror: /i.test(line));
  return (exceptions.length > 0 ? exceptions : lines).slice(-3).join("\n  ");
}
