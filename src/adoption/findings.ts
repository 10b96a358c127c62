import { join } from "node:path";
import { carried, decide, type Finding, lost, mapped } from "./finding.ts";
import { imageMajor, sourceMajors } from "../postgres/foreign.ts";
import type { Inspection } from "./inspection.ts";
import { hostsOf, localeOf, localHosts, outsideOf } from "./surroundings.ts";

/** What becomes of a site that moves in, thing by thing. */
export function findingsOf(found: Inspection): readonly Finding[] {
  return [
    ...ofSources(found),
    ...ofLocal(found),
    ...ofSettings(found),
    ...ofDatabase(found),
    ...ofMedia(found),
    ...ofMachine(found),
    ...ofSurroundings(found),
  ];
}

/** What nobody runs in a container, and every site may have changed. */
const startScripts = ["run-instance.sh"];

/** Files of BiomAid's that the site has changed or added, of which an image at the tag knows nothing. */
export function changedByTheSite({ sources }: Pick<Inspection, "sources">): readonly string[] {
  // Of the site itself, and told by themselves; and what its lines of cron write there, as BiomAid documents them (`>> log`).
  const own = /^(instance_settings\.py|instance_config\.toml|local\/?|log\/?|[^/]+\.log)$/;
  return (sources?.changed ?? []).filter((file) => !startScripts.includes(file) && !own.test(file));
}

function ofSources({ sources, application, site }: Inspection): readonly Finding[] {
  const python = mapped("containers", { python: site.python });
  if (!sources) return [decide("noCheckout", { folder: application.sources }), python];
  const { folder, commit, branch, tags, changed } = sources;
  const tag = tags.at(-1);
  const scripts = changed.filter((file) => startScripts.includes(file));
  const files = changedByTheSite({ sources });
  return [
    tag === undefined
      ? decide("untagged", { branch: branch ?? "HEAD", commit })
      : carried("version", { tag, commit }),
    ...(files.length > 0 ? [decide("changed", { files })] : []),
    ...scripts.map((file) => mapped("startScript", { file: join(folder, file) })),
    python,
  ];
}

function ofLocal({ local, site, application }: Inspection): readonly Finding[] {
  const folder = site.local;
  if (folder === null) return [decide("localMissing", undefined)];
  if (folder.startsWith(`${application.sources}/`)) {
    const name = folder.slice(application.sources.length + 1);
    return [
      name === "local"
        ? decide("localCopy", { folder })
        : carried("localBundled", { folder: name }),
    ];
  }
  if (!local) return [decide("localCopy", { folder })];
  const { commit, changed: files } = local;
  return [
    carried("localRepository", { folder, commit }),
    ...(files.length > 0 ? [decide("localChanged", { folder, files })] : []),
  ];
}

function ofSettings({ site, application }: Inspection): readonly Finding[] {
  const file = join(application.sources, "instance_settings.py");
  const config = join(application.sources, "instance_config.toml");
  const { settings, failure, instance_config: text } = site;
  if (!settings) return [decide("settingsFail", { reason: failure ?? "?" })];
  const names = hostsOf(settings);
  return [
    carried("settings", { file }),
    ...(text === null ? [] : [carried("instanceConfig", { file: config })]),
    names.length > 0 ? carried("hostNames", { names }) : decide("anyHost", undefined),
    carried("timeZone", { zone: settings.TIME_ZONE }),
  ];
}

function ofDatabase({ database, site }: Inspection): readonly Finding[] {
  const own = site.settings?.DATABASES["default"];
  if (!own) return [];
  if (!database) return [decide("sqlite", { file: own.NAME, bytes: site.database_file })];
  if ("unknown" in database) return [decide("databaseUnknown", { reason: database.unknown })];
  const { version, bytes, order, others, unlogged, keyless, outside } = database;
  const tables = [...outside.tables, ...outside.views];
  return [
    carried("database", { name: own.NAME, version, bytes }),
    ...ofMajor(Number.parseInt(version, 10)),
    mapped("databasePlace", { host: own.HOST || "localhost", user: own.USER }),
    mapped("order", { order, locale: localeOf(order) }),
    ...(unlogged.length > 0 ? [lost("unlogged", { tables: unlogged })] : []),
    ...(outside.databases.length > 0 ? [lost("otherDatabases", { names: outside.databases })] : []),
    ...(others.length > 0 ? [decide("otherClients", { who: others })] : []),
    ...(tables.length > 0 ? [decide("otherSchemas", { tables })] : []),
    ...(keyless.length > 0 ? [decide("keyless", { tables: keyless })] : []),
    ...(outside.largeObjects > 0 ? [decide("largeObjects", { number: outside.largeObjects })] : []),
  ];
}

function ofMajor(major: number): readonly Finding[] {
  if (major === imageMajor) return [];
  const { oldest, newest } = sourceMajors;
  return major < oldest || major > newest
    ? [decide("strangePostgres", { major, oldest, newest })]
    : [mapped("otherPostgres", { major, own: imageMajor })];
}

function ofMedia({ site, fronts }: Inspection): readonly Finding[] {
  const { media } = site;
  if (!media?.counted) return [];
  const { path, counted } = media;
  const { links, elsewhere, unreadable, odd_names: oddNames } = counted;
  const served = fronts.filter(({ folders }) =>
    folders.some(({ folder, kind }) => kind === "alias" && folder === path),
  );
  const odd = links + elsewhere + unreadable + oddNames > 0;
  return [
    carried("media", { ...counted, path }),
    mapped("mediaPlace", { path, served: served.map(({ file }) => file) }),
    ...(odd ? [decide("mediaOdd", { links, elsewhere, unreadable, oddNames })] : []),
  ];
}

function ofMachine({
  service,
  fronts,
  frontUnknown,
  published,
  cron,
}: Inspection): readonly Finding[] {
  return [
    service.kind === "nothing"
      ? decide("noService", undefined)
      : mapped("service", { kind: service.kind, name: service.name }),
    ...fronts.map(({ file, names, tls }) => mapped("front", { file, names, tls })),
    ...(frontUnknown === undefined ? [] : [decide("frontUnknown", { reason: frontUnknown })]),
    ...(fronts.length === 0 && frontUnknown === undefined ? [decide("noFront", undefined)] : []),
    ...cron.map(({ of, text }) => mapped("cron", { of, text })),
    ...(published.length > 0 ? [decide("published", { urls: published })] : []),
  ];
}

function ofSurroundings(found: Inspection): readonly Finding[] {
  const { site, application, user } = found;
  const { settings } = site;
  if (!settings) return [];
  const {
    EMAIL_HOST: mail,
    EMAIL_PORT: port,
    AUTH_LDAP_SERVER_URI: directory,
    LDAP_HOST: host,
  } = settings;
  const { names, paths } = outsideOf(found);
  const { variables, hosts: asked } = site.touched;
  const programs = [...new Set(site.touched.programs.map((line) => line.split(" ")[0] ?? ""))];
  // What belongs to it, and is told by itself.
  const sockets = application.binds.map((bind) => (bind.kind === "socket" ? bind.path : undefined));
  const known = [application.sources, site.local, site.media?.path, site.static, ...sockets];
  const isKnown = (path: string) =>
    known.some((one) => one === path || one?.startsWith(`${path}/`));
  const others = site.in_home.filter(
    (name) => !name.startsWith(".") && !isKnown(join(user.home, name)),
  );
  return [
    ...(localHosts.test(mail) ? [lost("localMail", { host: mail, port })] : []),
    ...(localHosts.test(host) ? [lost("localService", { name: "LDAP", host })] : []),
    ...(directory.startsWith("ldaps:") ? [lost("ldaps", { server: directory })] : []),
    ...(names.length > 0 ? [lost("hostsFile", { names })] : []),
    ...(paths.length > 0 ? [lost("outside", { paths })] : []),
    ...(variables.length > 0 ? [lost("variables", { names: variables })] : []),
    ...(programs.length > 0 ? [lost("programs", { names: programs })] : []),
    ...(asked.length > 0 ? [lost("hosts", { names: asked })] : []),
    ...(others.length > 0 ? [lost("inHome", { home: user.home, names: others })] : []),
  ];
}
