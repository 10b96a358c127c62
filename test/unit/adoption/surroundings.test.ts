import { expect, test } from "vitest";
import type { Inspection } from "../../../src/adoption/inspection.ts";
import { outsideOf } from "../../../src/adoption/surroundings.ts";

const found = (configs: readonly string[], instanceConfig: string | null = null) =>
  ({
    user: { id: 1000, group: 1000, name: "production", home: "/home/production" },
    application: { sources: "/home/production/biomaid" },
    site: {
      settings: null,
      touched: { files: [], hosts: [], programs: [], variables: [] },
      configs,
      instance_config: instanceConfig,
      local: "/home/production/local_mon_ets",
      media: null,
    },
    hostsFile: [],
  }) as unknown as Inspection;

test("folders and files that extable reads are found wherever the site's configuration names them", () => {
  const configs = [
    `[paths]\nmagh2 = "/mnt/magh2/"\n[[extable.tables]]\nname = "Uf"\npath = "magh2"\nfilename = "uf.csv"`,
    `[[extable.tables]]\nfilename = "last:/mnt/finances/É*.xlsx"\n[[extable.tables]]\nfilename = "all:/mnt/dra94/*.csv"`,
    `[[extable.tables]]\nname = "Copie"\n[extable.other]\nfilename = "/nowhere"`,
    `extable = "none"`,
    `broken = [`,
  ];
  const own = `[attachment_roots]\ncontrats = "/mnt/contrats"`;

  expect(outsideOf(found(configs, own)).paths).toEqual([
    "/mnt/contrats",
    "/mnt/dra94/*.csv",
    "/mnt/finances/É*.xlsx",
    "/mnt/magh2/",
  ]);
});
