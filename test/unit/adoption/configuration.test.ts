import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { configurationOf } from "../../../src/adoption/configuration.ts";
import { loadConfiguration } from "../../../src/config/load.ts";
import { catalogueOf } from "../../../src/text/catalogue.ts";
import { found, sources } from "../../support/inspection-sample.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "updater-adopt-"));
  await writeFile(join(folder, "instance_settings.py"), "", { mode: 0o600 });
});
afterEach(async () => await rm(folder, { recursive: true }));

async function loaded(inspection: ReturnType<typeof found>, language: "en" | "fr" = "fr") {
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
