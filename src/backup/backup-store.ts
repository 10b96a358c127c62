import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { abortable } from "../lib/abortable.ts";
import { startContainer } from "../engine/containers.ts";
import { execute, feed, openSession } from "../engine/exec.ts";
import { streamFile } from "../engine/files.ts";
import { labelsOf } from "../engine/labels.ts";
import { UpdaterError } from "../errors.ts";
import {
  type Backup,
  backupFolder,
  type KeptBackup,
  listBackupsCommand,
  parseBackups,
} from "./backups.ts";
import type { Control } from "../instance/instance-lock.ts";
import type { Dump } from "./dump.ts";
import type { Instance } from "../instance/instance.ts";
import { backupNumber, paths } from "../instance/names.ts";
import { users } from "../instance/users.ts";
import { scriptBeside, shellCommand } from "../lib/script.ts";

const removeDrafts = scriptBeside(import.meta.url, "remove-drafts.sh");
const keepDraft = scriptBeside(import.meta.url, "keep-draft.sh");

/** Milliseconds that a dump waits for somebody who has locked a table. */
export const lockLimitMs = 10 * 60_000;

/** What is being written, and not a backup yet. */
export const drafts = { dump: ".draft.dump", json: ".draft.json.bz2" } as const;

/** A container that reads and writes files among the backups, and sees one database. */
export class BackupStore {
  readonly #instance: Instance;
  readonly #container: string;

  private constructor(instance: Instance) {
    this.#instance = instance;
    this.#container = instance.names.backupKeeper;
  }

  /**
   * Starts it, and deletes what an earlier one has written and not kept. `removeParts(backupNumber)` removes it.
   * @param generation whose database it sees
   * @throws UpdaterError `backupsFolder`
   */
  static async open(
    instance: Instance,
    control: Pick<Control, "shell">,
    { number, databaseImage }: { readonly number: number; readonly databaseImage: string },
  ): Promise<BackupStore> {
    const { engine, name, names } = instance;
    await prepareFolder(control);
    await startContainer(engine, {
      name: names.backupKeeper,
      image: databaseImage,
      labels: labelsOf(name, "backups", backupNumber),
      entrypoint: ["sleep", "infinity"],
      mounts: [
        { volume: names.backups, path: paths.backups },
        { volume: names.databaseSocket(number), path: paths.databaseSocket, readOnly: true },
      ],
      stopSeconds: 0,
    });
    const store = new BackupStore(instance);
    await store.#run(...shellCommand(removeDrafts));
    return store;
  }

  /** @returns the newest first */
  async list(): Promise<KeptBackup[]> {
    return parseBackups(await this.#run(...listBackupsCommand), this.#instance.name);
  }

  /** Writes what `pg_dump` makes of the database it sees. */
  async dumpDatabase(file: string, signal: AbortSignal): Promise<void> {
    const dump = this.#run(
      "pg_dump",
      "--format=custom",
      // What ties the databases of this site together means nothing in another one.
      "--no-publications",
      "--no-subscriptions",
      "--exclude-schema=updater_*",
      `--lock-wait-timeout=${lockLimitMs}`,
      `--host=${paths.databaseSocket}`,
      "--username=postgres",
      `--file=${file}`,
      this.#instance.configuration.database.name,
    );
    await abortable(signal, dump);
  }

  async write(file: string, content: Readable, signal: AbortSignal): Promise<void> {
    const { engine } = this.#instance;
    const session = await openSession(engine, this.#container, shellCommand('cat >"$1"', file), {
      workingDirectory: backupFolder,
    });
    const said = text(session.stderr);
    session.stdout.resume();
    await feed(session, content, signal);
    if ((await abortable(signal, session.ended)) === 0) return;
    throw new UpdaterError("backupFailed", { reason: lastOf(await said) });
  }

  async read(file: string): Promise<Readable> {
    return await streamFile(this.#instance.engine, this.#container, `${backupFolder}/${file}`);
  }

  async measure(file: string, signal: AbortSignal): Promise<Pick<Backup, "bytes" | "sha256">> {
    const look = this.#run(...shellCommand('stat -c %s "$1" && sha256sum <"$1"', file));
    const [bytes = "", sum = ""] = (await abortable(signal, look)).split("\n");
    return { bytes: Number(bytes), sha256: sum.slice(0, 64) };
  }

  /** Whether `pg_restore` can read it. */
  async isDump(file: string, signal: AbortSignal): Promise<boolean> {
    const command = ["pg_restore", "--list", `${backupFolder}/${file}`];
    const list = execute(this.#instance.engine, this.#container, command);
    return (await abortable(signal, list)).status === 0;
  }

  /** Makes a backup of a draft; never in the place of another. */
  async keep(draft: string, backup: Backup): Promise<void> {
    const manifest = `${JSON.stringify(backup, null, 2)}\n`;
    await this.#run(...shellCommand(keepDraft, draft, backup.name, manifest));
  }

  async remove({ name: file }: Backup): Promise<void> {
    // A file without its manifest is no backup.
    await this.#run("rm", "-f", `${file}.manifest`, file);
  }

  async #run(...command: readonly string[]): Promise<string> {
    const options = { workingDirectory: backupFolder };
    const { engine } = this.#instance;
    const { status, stdout, stderr } = await execute(engine, this.#container, command, options);
    if (status !== 0) throw new UpdaterError("backupFailed", { reason: lastOf(stderr) });
    return stdout;
  }
}

/** A backup, or a draft of one, as `init` takes dumps. */
export function dumpOf(
  store: Pick<BackupStore, "read">,
  file: string,
  backupKind: Backup["kind"],
): Dump {
  const json = backupKind === "json";
  return {
    kind: json ? "fixture" : "archive",
    ours: true,
    compression: json ? "bzip2" : "none",
    path: file,
    read: async () => await store.read(file),
  };
}

/**
 * The updater's own folder among the site's backups. Applications may write beside it, and can neither replace nor
 * open it.
 */
async function prepareFolder({ shell }: Pick<Control, "shell">): Promise<void> {
  await shell.run('mkdir -m 700 "$1" 2>/dev/null || true', backupFolder);
  const owner = await shell.run('stat -c "%u %F" "$1"', backupFolder);
  if (!["0 directory", `${users.database} directory`].includes(owner)) {
    throw new UpdaterError("backupsFolder", { folder: backupFolder, found: owner });
  }
  await shell.run('chown "$1" "$2"', String(users.database), backupFolder);
}

function lastOf(text: string): string {
  return text.trim().split("\n").slice(-3).join("\n  ");
}
