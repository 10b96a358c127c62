import type { Readable } from "node:stream";
import type { Configuration } from "../config/configuration.ts";
import { tarOf } from "../lib/tar.ts";
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
  const owner = { uid: users.application, gid: users.application };
  return tarOf(async (archive) => {
    // Settings and secrets hold passwords: for the application's eyes only.
    const add = (name: string, content: Buffer | string) =>
      archive.add({ name, mode: 0o400, ...owner }, content);
    add("instance_settings.py", overlay(configuration, slot));
    archive.add({ name: "secrets", type: "directory", mode: 0o500, ...owner });
    for (const [name, content] of await readSiteFiles(configuration)) add(name, content);
    archive.add({ name: "local", type: "directory", mode: 0o555, ...owner });
    await archive.append(local, (header) => ({
      ...header,
      ...owner,
      name: `local/${header.name}`,
    }));
  });
}
