import type { Inspection } from "../../src/adoption/inspection.ts";

/** The folder it runs in. */
export const sources = "/home/production/biomaid";
const checkout = {
  folder: sources,
  commit: "c".repeat(40),
  tags: ["0.14.10"],
  branch: undefined,
  origin: "https://forge.example.org/biomaid.git",
  changed: [],
};

/** What was found of a site installed by hand, but for what a test says of it. */
export function found(changes: Partial<Inspection> = {}): Inspection {
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
