import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { configurationOf } from "../../../src/adoption/configuration.ts";
import type { Inspection } from "../../../src/adoption/inspection.ts";
import { loadConfiguration } from "../../../src/config/load.ts";
import { catalogueOf } from "../../../src/text/catalogue.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "updater-adopt-"));
  await writeFile(join(folder, "instance_settings.py"), "", { mode: 0o600 });
});
afterEach(async () => await rm(folder, { recursive: true }));

const sources = "/home/production/biomaid";
const checkout = {
  folder: sources,
  commit: "c".repeat(40),
  tags: ["0.14.10"],
  branch: undefined,
  origin: "https://forge.example.org/biomaid.git",
  changed: [],
};

function found(changes: Partial<Inspection> = {}): Inspection {
  return {
    user: { id: 1000, group: 1000, name: "production", home: "/home/production" },
    application: {
      process: {
        pid: 7,
        parent: 1,
        user: 1000,
        argv: [],
        folder: sources,
        program: undefined,
        groups: "",
      },
      sources,
      python: "/venv/bin/python",
      workers: 4,
      binds: [],
    },
    service: { kind: "nothing" },
    site: {
      python: "3.10.12",
      packages: ["ldap", "cx_Oracle"],
      settings: {
        ALLOWED_HOSTS: ["localhost", ".example.org", "biomaid.example.org"],
        AUTH_LDAP_SERVER_URI: "",
        DATABASES: {},
        EMAIL_HOST: "",
        EMAIL_PORT: 25,
        LDAP_HOST: "",
        TIME_ZONE: "Indian/Reunion",
      },
      failure: null,
      touched: { files: [], hosts: [], programs: [], variables: [] },
      configs: [],
      instance_config: null,
      local: "/home/production/local_mon_ets",
      media: null,
      static: null,
      database_file: null,
      in_home: [],
    },
    sources: checkout,
    local: {
      ...checkout,
      folder: "/home/production/local_mon_ets",
      origin: "https://forge.example.org/local.git",
    },
    fronts: [],
    frontUnknown: undefined,
    published: [],
    cron: [{ of: "", line: 1, text: "", when: "*/20 * * * *", kind: "quarter_hourly" }],
    hostsFile: [],
    database: undefined,
    ...changes,
  };
}

async function loaded(inspection: Inspection, language: "en" | "fr" = "fr") {
  const file = join(folder, "updater.toml");
  await writeFile(file, configurationOf(inspection, catalogueOf(language)));
  return await loadConfiguration(file);
}

test.each([
  ["fr_FR.UTF-8", "fr-FR"],
  ["de_CH@euro", "de-CH"],
  ["fr", "fr"],
  ["C.UTF-8", "C"],
  ["français", "fr-FR"],
])("names in the order of %s are sorted as %s has it", async (order, locale) => {
  const server = { version: "15.8", bytes: 1, order, others: [] };
  const nothing = { unlogged: [], prepared: [], extensions: [], collations: [], keyless: [] };
  const outside = { tables: [], views: [], databases: [], largeObjects: 0 };
  const database = { ...server, ...nothing, sortedOtherwise: false, outside };
  expect(await loaded(found({ database }))).toMatchObject({ database: { locale } });
});

test("a configuration of a site that was found is valid, and says what is so today", async () => {
  expect(await loaded(found())).toMatchObject({
    instance: "production",
    source: { repository: "https://forge.example.org/biomaid.git" },
    local: {
      kind: "repository",
      repository: "https://forge.example.org/local.git",
      refs: { "0.14.10": "c".repeat(40) },
    },
    site: { hostNames: ["biomaid.example.org"], workers: 4 },
    jobs: {
      enabled: true,
      timeZone: "Indian/Reunion",
      schedule: { quarter_hourly: "*/20 * * * *", hourly: undefined, weekly: undefined },
    },
    build: { extras: ["ldap", "oracle"] },
  });
});

test("local settings that BiomAid brings along are those of its tree", async () => {
  const { site } = found();
  const bundled = { ...site, local: `${sources}/local_biomaid` };
  expect(await loaded(found({ site: bundled, local: undefined }))).toMatchObject({
    local: { kind: "folder", folder: "local_biomaid" },
  });
});

test("what nothing has told is a fault that names its line, once", async () => {
  const { site } = found();
  const settings = { ...site.settings!, ALLOWED_HOSTS: ["*"] };
  const reason = await loaded(found({ site: { ...site, settings } })).catch((error) => error);
  expect(reason.code).toBe("configurationInvalid");
  expect(reason.parameters.problems).toHaveLength(1);
});

test("a user's name that is no instance's becomes one", async () => {
  const user = { id: 1, group: 1, name: "_Bio.Med", home: "/home/x" };
  expect(await loaded(found({ user }))).toMatchObject({ instance: "bio-med" });
});
