import { Readable } from "node:stream";
import { extract, pack, type Header, type Pack } from "tar-stream";
import type { Configuration } from "../config/configuration.ts";
import { paths } from "./names.ts";
import { readSiteFiles } from "./site-files.ts";
import { users } from "./users.ts";

/**
 * `instance_settings.py` of the container: the site's own, unchanged, then what only the updater knows.
 * BiomAid ignores a ModuleNotFoundError here and boots without a database: it becomes another error.
 */
function overlay(configuration: Configuration, slot: number): string {
  const text = JSON.stringify;
  return `try:
    from site_instance_settings import *  # noqa: F403
except ModuleNotFoundError as error:
    raise RuntimeError(f"the site's instance_settings.py: {error}") from error

DATABASES = {
    **globals().get("DATABASES", {}),
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": ${text(configuration.database.name)},
        "USER": ${text(configuration.database.role)},
        "HOST": "${paths.databaseSocket}",
        # A connection that outlives its request would break when the database is switched.
        "CONN_MAX_AGE": 0,
    },
}
ALLOWED_HOSTS = [*globals().get("ALLOWED_HOSTS", []), *${text(configuration.site.hostNames)}]
MEDIA_ROOT = "${paths.media}"
STATIC_ROOT = "${paths.slot(slot)}/static"

# The root file system is read-only: what the site logs to files goes to the container's log.
for _handler in globals().get("LOGGING", {}).get("handlers", {}).values():
    if "filename" in _handler:
        _kept = {key: _handler[key] for key in ("level", "formatter", "filters") if key in _handler}
        _handler.clear()
        _handler.update(_kept, **{"class": "logging.StreamHandler", "stream": "ext://sys.stdout"})
`;
}

/** The tar stream of a generation's configuration volume: settings, local settings, secrets. */
export function configurationArchive(
  configuration: Configuration,
  slot: number,
  local: Readable,
): Readable {
  const archive = pack();
  fill(archive, configuration, slot, local).then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return Readable.from(archive);
}

async function fill(
  archive: Pack,
  configuration: Configuration,
  slot: number,
  local: Readable,
): Promise<void> {
  const owner = { uid: users.application, gid: users.application };
  // Settings and secrets hold passwords: for the application's eyes only.
  const add = (name: string, content: Buffer | string) =>
    archive.entry({ name, mode: 0o400, ...owner }, content);
  add("instance_settings.py", overlay(configuration, slot));
  archive.entry({ name: "secrets", type: "directory", mode: 0o500, ...owner });
  for (const [name, content] of await readSiteFiles(configuration)) add(name, content);
  archive.entry({ name: "local", type: "directory", mode: 0o555, ...owner });
  await appendTree(archive, local, "local", owner);
}

async function appendTree(
  archive: Pack,
  tree: Readable,
  folder: string,
  owner: { uid: number; gid: number },
): Promise<void> {
  for await (const entry of tree.pipe(extract())) {
    const { pax: _, ...header } = entry.header as Header & { pax?: unknown };
    const named = { ...header, ...owner, name: `${folder}/${header.name}` };
    if (header.type !== "file") {
      entry.resume();
      archive.entry({ ...named, size: 0 });
      continue;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    archive.entry(named, Buffer.concat(chunks));
  }
}
