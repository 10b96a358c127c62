import { jobKinds } from "../config/schema-maintenance.ts";
import { identifier } from "../config/values.ts";
import type { Catalogue } from "../text/catalogue.ts";
import type { Inspection } from "./inspection.ts";
import { hostsOf, localeOf } from "./surroundings.ts";

/** What an updater.toml would say of a site, with comments; what could not be found out is left for a person to write. */
export function configurationOf(found: Inspection, { adoption }: Catalogue): string {
  const { sources, local, site, application, cron } = found;
  const text = adoption.configuration;
  const { settings } = site;
  const names = settings ? hostsOf(settings) : [];
  const inTree = site.local?.startsWith(`${application.sources}/`);
  const localTable =
    local === undefined
      ? inTree && !site.local?.endsWith("/local")
        ? table("local", text.localBundled, {
            folder: site.local?.slice(application.sources.length + 1),
          })
        : table("local", text.localCopy, { repository: site.local ?? "", branch: "main" })
      : table("local", text.local, {
          repository: local.origin ?? local.folder,
          refs: { [sources?.tags.at(-1) ?? "TAG"]: local.commit },
        });
  return [
    `# ${text.header(application.sources)}`,
    `instance = ${JSON.stringify(nameFor(found))}`,
    table("source", sources?.origin === undefined ? text.noSource : text.source, {
      repository: sources?.origin ?? application.sources,
    }),
    localTable,
    table("site", text.hostNames, {
      settings: "instance_settings.py",
      ...(site.instance_config === null ? {} : { instance_config: "instance_config.toml" }),
      host_names: names,
      workers: application.workers,
    }),
    table("listen", text.listen, { address: "127.0.0.1", port: 8080 }),
    table("jobs", text.jobs, {
      enabled: cron.length > 0,
      time_zone: settings?.TIME_ZONE || "Europe/Paris",
      ...schedulesOf(cron),
    }),
    ...(found.database && "order" in found.database
      ? [
          table("database", text.database, {
            ...namedOf(settings?.DATABASES["default"]),
            locale: localeOf(found.database.order),
          }),
        ]
      : []),
    table("build", text.extras, { extras: extrasOf(site.packages) }),
    "",
  ].join("\n\n");
}

/** Database and role of the site, where they have names that a configuration can give them. */
function namedOf(own: { readonly NAME: string; readonly USER: string } | undefined) {
  const names = { name: own?.NAME, role: own?.USER };
  return Object.values(names).every((name) => identifier.safeParse(name).success) ? names : {};
}

/** As cron has them; what it does not run is not run. */
function schedulesOf(cron: Inspection["cron"]): Record<string, string> {
  if (cron.length === 0) return {};
  const written = cron.filter(({ when }) => !when.startsWith("@"));
  const known = new Map(written.map(({ kind, when }) => [kind, when]));
  const named = new Set(cron.map(({ kind }) => kind));
  return Object.fromEntries(
    // By a word, such as @daily: as the documentation has it.
    jobKinds.flatMap((kind) =>
      named.has(kind) && !known.has(kind) ? [] : [[kind, known.get(kind) ?? "off"]],
    ),
  );
}

const extrasOf = (packages: readonly string[]) => [
  ...(packages.includes("ldap") ? ["ldap"] : []),
  ...(packages.some((name) => /oracle/i.test(name)) ? ["oracle"] : []),
];

/** That of the user, whose name the documented installation gives to the instance. */
function nameFor({ user }: Inspection): string {
  const name = user.name
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 31);
  return name || "biomaid";
}

function table(name: string, comment: string, keys: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(keys).map(([key, value]) => `${key} = ${valueOf(value)}`);
  return [`# ${comment}`, `[${name}]`, ...lines].join("\n");
}

/** JSON's texts, numbers and lists are TOML's as well. */
function valueOf(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    // The one character that JSON leaves as it is, and TOML does not take.
    return JSON.stringify(value).replaceAll("\u007f", String.raw`\u007f`);
  }
  const pairs = Object.entries(value).map(
    ([key, one]) => `${JSON.stringify(key)} = ${valueOf(one)}`,
  );
  return `{ ${pairs.join(", ")} }`;
}
