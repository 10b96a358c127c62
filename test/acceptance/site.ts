import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/free-port.ts";
import { type Operator, type OperatorOptions, operatorOf } from "../support/operator.ts";
import { surroundings } from "../support/surroundings.ts";
import { localRepository } from "./local-repository.ts";
import { mailFolder } from "./mails.ts";
import type { Options } from "./options.ts";
import { localTable, openSource, type Source } from "./source.ts";
import { group } from "./users.ts";

export interface AcceptanceSite {
  readonly instance: string;
  readonly folder: string;
  readonly origin: string;
  readonly source: Source;
  readonly operator: Operator;
  /** The repository of local settings, where this run has made it. */
  readonly localFolder: string | undefined;
  /** What the site starts with: the fixture that comes with the first release. */
  readonly dump: string;
  /** Deletes the instance and the folder. */
  remove(): Promise<void>;
}

/** Up to 0.14.9 the folder local_biomaid asks for an application that is not in the tree. */
const settings = `from importlib.util import find_spec
from pathlib import Path

from settings import INSTALLED_APPS

INSTALLED_APPS = [app for app in INSTALLED_APPS if find_spec(app.split(".")[0])]

ALLOWED_HOSTS = ["localhost"]
AUTHENTICATION_BACKENDS = ["common.auth_backends.MyAuthBackend"]
DEBUG = TEMPLATE_DEBUG = SMARTVIEW_DEBUG = False
DEFAULT_DOMAIN = "http://localhost"
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = "${mailFolder}"
SECRET_KEY = Path("/run/secrets/secret_key").read_text()
`;

/** Writes a site's folder as a sysadmin would; nothing is on the engine yet. */
export async function createAcceptanceSite(
  options: Options,
  how: Omit<OperatorOptions, "configuration">,
): Promise<AcceptanceSite> {
  const instance = `acc-${randomBytes(3).toString("hex")}`;
  const folder = await mkdtemp(join(tmpdir(), `biomaid-${instance}-`));
  const removeFolder = async () => await rm(folder, { recursive: true, force: true });
  try {
    const source = await openSource(options, folder);
    const { local, from, to } = options;
    const localFolder =
      local === undefined ? await localRepository(source.clone, folder, [from, to]) : undefined;
    const table =
      local === undefined
        ? `repository = "${localFolder}"\nref = "same-tag"`
        : await localTable(local, options);
    await mkdir(join(folder, "snapshots"));
    const port = await freePort();
    const configuration = join(folder, "updater.toml");
    const dump = join(folder, "tests_db.json");
    await writeFile(dump, await source.show(options.from, "fixtures/tests_db.json"));
    await writeFile(join(folder, "instance_settings.py"), settings);
    await writeFile(join(folder, "secret_key"), randomBytes(32).toString("hex"), { mode: 0o600 });
    await writeFile(
      configuration,
      `instance = "${instance}"

[source]
repository = "${source.repository}"

[local]
${table}

[site]
settings = "instance_settings.py"
host_names = ["localhost"]

[listen]
address = "127.0.0.1"
port = ${port}

[secrets]
secret_key = "secret_key"

[probation]
duration = "10s"
interval = "2s"

[backup.snapshots]
repository = "snapshots"

[messages.whats_new]
enabled = true

[messages.mail]
groups = ["${group}"]

[jobs]
enabled = true
# When the run says so.
quarter_hourly = "0 0 1 1 *"
hourly = "0 0 1 1 *"
daily = "0 0 1 1 *"
weekly = "off"

[build]
${await surroundings(folder)}`,
    );
    const operator = operatorOf({ ...how, configuration });
    return {
      instance,
      folder,
      origin: `http://localhost:${port}`,
      source,
      localFolder,
      operator,
      dump,
      async remove() {
        await operator.destroy(instance);
        await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}
