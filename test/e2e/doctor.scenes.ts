import { docker } from "../support/docker.ts";
import { chmod, copyFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { vi } from "vitest";
import { clientOf, connectEngine } from "../../src/engine/connect.ts";
import { runToEnd } from "../../src/engine/containers.ts";
import { execute } from "../../src/engine/exec.ts";
import { label, labelsOf, type Role } from "../../src/engine/labels.ts";
import { namesOf, paths } from "../../src/instance/names.ts";
import { baseImage } from "../../src/build/own-images.ts";
import { shellCommand } from "../../src/lib/script.ts";
import { gateTarget, pointAt, pointers } from "../../src/proxy/pointer.ts";
import type { Site } from "../support/site.ts";
import { changeRows } from "../support/traces.ts";
import { foreign } from "./bad-input.refusal.ts";

/** Its first generation serves 0.8.0. */
export const instance = "int-doctor";
export const names = namesOf(instance);

const python = '[[build.versions]]\nfrom = "0.8"\npython = "3.11"';

/** What may be wrong with a machine or a site, and what the doctor says of it. */
interface Scene {
  /** Makes the world bad; what it returns makes it good again. */
  readonly circumstances?: () => Promise<() => unknown>;
  /** Tables of updater.toml, over the usual ones. */
  readonly tables?: () => Record<string, string>;
  readonly environment?: Record<string, string>;
  /** Beside the usual ones, or instead of them. */
  readonly told: readonly string[];
  readonly instead?: true;
  /** What must not be missing, in any language. */
  readonly mentions: () => readonly string[];
  /** What it tells to type mends it. */
  readonly mends?: true;
}

/** @param site asked for once there is one */
export function scenesOf(site: () => Site): Record<string, Scene> {
  const file = (name: string) => join(site().folder, name);
  return {
    "a secret that others may read": {
      circumstances: async () => {
        await writeFile(file("token"), "s3cret", { mode: 0o644 });
        return () => rm(file("token"));
      },
      tables: () => ({ secrets: `token = "${file("token")}"` }),
      told: ["problem: secretOpen"],
      mentions: () => [`chmod 600 ${file("token")}`],
      mends: true,
    },
    "settings that everybody may change": {
      circumstances: async () => {
        await copyFile(site().repositories.settings, file("settings.py"));
        await chmod(file("settings.py"), 0o666);
        return () => rm(file("settings.py"));
      },
      tables: () => ({ site: `settings = "${file("settings.py")}"\nhost_names = ["localhost"]` }),
      told: ["problem: worldWritable"],
      mentions: () => [`chmod o-w ${file("settings.py")}`],
      mends: true,
    },
    "a file that somebody else owns": {
      circumstances: async () => {
        await writeFile(file("token"), "s3cret", { mode: 0o600 });
        await execa("chown", ["nobody", file("token")]);
        return () => rm(file("token"));
      },
      tables: () => ({ secrets: `token = "${file("token")}"` }),
      told: ["warning: foreignOwner"],
      mentions: () => ["chown", file("token")],
      mends: true,
    },
    "a bundle that holds no certificate": {
      circumstances: async () => {
        await writeFile(file("ca.pem"), "nothing");
        return () => rm(file("ca.pem"));
      },
      tables: () => ({ build: `extras = []\nca_bundle = "${file("ca.pem")}"\n${python}` }),
      told: ["problem: caBundle", "problem: unreachable"],
      mentions: () => [file("ca.pem"), "build.ca_bundle", "(pip)"],
    },
    "a key that does not exist: the rest is looked at": {
      tables: () => ({ hold: 'maximum = "3s"' }),
      told: ["problem: configurationInvalid"],
      mentions: () => ["hold.maximum", "0.8.0"],
    },
    "a hook that cannot be executed": {
      circumstances: async () => {
        await writeFile(file("hook"), "");
        return () => rm(file("hook"));
      },
      tables: () => ({ "hooks.backup": `run = "${file("hook")}"` }),
      told: ["problem: configurationInvalid"],
      mentions: () => [`chmod +x ${file("hook")}`],
    },
    "a configuration that is not TOML": {
      tables: () => ({ "": "instance = " }),
      told: ["problem: configurationSyntax"],
      instead: true,
      mentions: () => ["updater.toml", "Docker Engine"],
    },
    "an engine that does not answer": {
      environment: { DOCKER_HOST: "tcp://127.0.0.1:9" },
      told: ["problem: engineUnreachable", "warning: noTls"],
      instead: true,
      mentions: () => ["ECONNREFUSED", "DOCKER_HOST"],
    },
    "a base image that is not there": {
      tables: () => ({
        build: `extras = []\n${python}\nimage = "int-doctor/none:1"`,
      }),
      told: ["problem: baseImageMissing"],
      mentions: () => ["int-doctor/none:1", "npm run setup"],
    },
    "an application that is stopped": {
      circumstances: async () => {
        const application = (await docker()).getContainer(names.application(1));
        await application.stop();
        // Started already, where the doctor's own command was typed.
        return async () => await application.start().catch(() => undefined);
      },
      told: ["problem: stopped"],
      mentions: () => [names.application(1), "updater recover"],
      mends: true,
    },
    "a page that does not answer": {
      tables: () => ({ probe: 'anonymous_pages = ["/zz-nowhere/"]' }),
      told: ["problem: pagesFail"],
      mentions: () => ["/zz-nowhere/ (404)", "updater logs"],
    },
    "a proxy that a reboot would not bring back": {
      circumstances: async () => {
        const update = async (Name: string) =>
          (await docker()).getContainer(names.proxy).update({ RestartPolicy: { Name } });
        await update("no");
        return async () => await update("unless-stopped");
      },
      told: ["warning: restartPolicy"],
      mentions: () => [`docker update --restart unless-stopped ${names.proxy}`],
      mends: true,
    },
    "a replication slot that nobody reads": {
      circumstances: async () => {
        await sql("SELECT pg_create_physical_replication_slot('zz_foreign', true)");
        const drop =
          "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'zz_foreign'";
        return async () => await sql(drop);
      },
      told: ["warning: slotKeepsLog"],
      mentions: () => ["zz_foreign", names.database(1), "pg_drop_replication_slot"],
      mends: true,
    },
    "a database that a power cut would damage": {
      circumstances: async () => {
        await sql("ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()");
        return async () =>
          await sql("ALTER SYSTEM RESET full_page_writes", "SELECT pg_reload_conf()");
      },
      told: ["problem: setting"],
      mentions: () => ["full_page_writes", "ALTER SYSTEM RESET"],
      mends: true,
    },
    "what a copy of the database would not have, and what a swap would wait for": {
      circumstances: async () => {
        await sql("ALTER SYSTEM SET max_prepared_transactions = 2");
        await restartDatabase();
        await changeRows(instance, 1, [
          "CREATE UNLOGGED TABLE essai AS SELECT 1 AS id",
          "ALTER TABLE essai ADD PRIMARY KEY (id)",
          "BEGIN; CREATE TABLE essai_deux (id integer PRIMARY KEY); PREPARE TRANSACTION 'l''essai'",
        ]);
        return async () => {
          await changeRows(instance, 1, ["DROP TABLE IF EXISTS essai, essai_deux"]);
          await sql("ALTER SYSTEM RESET max_prepared_transactions");
          await restartDatabase();
        };
      },
      told: ["problem: unloggedTables", "problem: preparedTransactions"],
      mentions: () => ["public.essai", "l'essai"],
      mends: true,
    },
    "tables that do not follow": {
      circumstances: async () => {
        await changeRows(instance, 1, [
          "CREATE TABLE essai ()",
          "CREATE SCHEMA site CREATE TABLE note (id integer PRIMARY KEY)",
        ]);
        return async () =>
          await changeRows(instance, 1, ["DROP TABLE essai", "DROP SCHEMA site CASCADE"]);
      },
      told: ["warning: keyless", "warning: followsNot"],
      mentions: () => ["public.essai", "site.note"],
    },
    "parts of a generation that the state does not know": {
      circumstances: async () => await volume(`${instance}-zz`, "database-data", 99),
      told: ["warning: unfinished"],
      mentions: () => [`${instance}-zz`, "99", "updater prune"],
      mends: true,
    },
    "a volume with the site's label that is not its own": {
      circumstances: async () => await volume(`${instance}-zz`, "slot"),
      told: ["warning: strangers"],
      mentions: () => [`docker volume inspect ${instance}-zz`],
    },
    "gates without an operation": {
      circumstances: async () => await stopped(names.gates[0] ?? "", "gate"),
      told: ["warning: gatesLeft"],
      mentions: () => [names.gates[0] ?? "", "updater prune"],
      mends: true,
    },
    "a lock whose container is dead": {
      circumstances: async () => await stopped(names.control, "control"),
      told: ["warning: deadLock"],
      mentions: () => ["swap 0.8.1", "updater prune"],
    },
    "a gate that is closed without an operation": {
      circumstances: async () => {
        await point(gateTarget);
        return async () => await point("../slot-1");
      },
      told: ["problem: gateClosed"],
      mentions: () => [names.database(1), "LOGIN", "slot-1", "updater prune"],
      mends: true,
    },
    "a foreign container with a name of ours": {
      circumstances: async () => await foreign("container", names.application(2)),
      told: ["problem: foreignContainer"],
      mentions: () => [`docker inspect ${names.application(2)}`],
    },
    "a foreign volume with a name a rehearsal needs": {
      circumstances: async () => await foreign("volume", names.data(0)),
      told: ["problem: foreignVolume"],
      mentions: () => [`docker volume inspect ${names.data(0)}`],
    },
  };
}

async function volume(name: string, role: Role, generation?: number) {
  const engine = await connectEngine();
  await clientOf(engine).createVolume({ Name: name, Labels: labelsOf(instance, role, generation) });
  return async () =>
    await clientOf(engine)
      .getVolume(name)
      .remove()
      .catch(() => undefined);
}

async function stopped(name: string, role: Role) {
  const engine = await connectEngine();
  const Labels = {
    ...labelsOf(instance, role),
    [label.operation]: "swap 0.8.1",
    [label.since]: new Date().toISOString(),
  };
  const made = await clientOf(engine).createContainer({
    name,
    Image: baseImage,
    Cmd: ["true"],
    Labels,
  });
  return async () => await made.remove().catch(() => undefined);
}

async function restartDatabase(): Promise<void> {
  await (await docker()).getContainer(names.database(1)).restart();
  const answers = async () =>
    await sql("SELECT 1").then(
      () => true,
      () => false,
    );
  await vi.waitUntil(answers, { timeout: 60_000, interval: 100 });
}

async function point(target: string): Promise<void> {
  const engine = await connectEngine();
  const run = async (script: string, ...args: readonly string[]) => {
    await runToEnd(engine, {
      name: `${names.control}-point`,
      image: baseImage,
      labels: labelsOf(instance, "scratch"),
      entrypoint: shellCommand(script, ...args),
      mounts: [{ volume: names.control, path: paths.control }],
    });
    return "";
  };
  await pointAt({ run }, pointers.serving, target);
}

async function sql(...statements: readonly string[]): Promise<void> {
  const commands = statements.flatMap((statement) => ["-c", statement]);
  const engine = await connectEngine();
  const { status, stderr } = await execute(
    engine,
    names.database(1),
    ["psql", "-X", "-v", "ON_ERROR_STOP=1", ...commands],
    { user: "postgres" },
  );
  if (status !== 0) throw new Error(stderr);
}
