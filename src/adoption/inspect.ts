import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { messageOf, UpdaterError } from "../errors.ts";
import { describeServer } from "../postgres/foreign.ts";
import { connectAsSite, databaseOf } from "./site-database.ts";
import { readNotCarried } from "../postgres/not-carried.ts";
import { runAs, textOf, type User, userOf } from "../move-in/as-user.ts";
import { type CronLine, jobLines } from "../move-in/crontab.ts";
import { findGunicorns, type Gunicorn } from "./gunicorn.ts";
import type { Inspection } from "./inspection.ts";
import { frontsOf } from "./nginx.ts";
import { beganAt, listProcesses, type Process } from "./processes.ts";
import { publishedSecrets } from "./published.ts";
import { checkoutOf } from "./repository.ts";
import { type Service, serviceOf } from "./service.ts";
import { askSite, type SiteFacts } from "./site.ts";
import { namesIn } from "./surroundings.ts";

/** Milliseconds that a program of the machine, or the site's database, may take. */
const limitMs = 20_000;

/**
 * Looks at a running site, and changes nothing.
 * @param where the folder of its sources or its home, or the name of what starts it; nothing: the only one there is
 * @throws UpdaterError `adoptNothing`, `adoptSeveral`, `adoptUnreadable`
 */
export async function inspectSite(
  where: string | undefined,
  signal: AbortSignal,
): Promise<Inspection> {
  const processes = await listProcesses();
  const { application, service } = await findSite(where, processes, signal);
  const { sources: folder, process } = application;
  const user = await userOf(process.user);
  const [site, sources, fronts, cron] = await Promise.all([
    askSite(user, application, signal),
    checkoutOf(user, folder, signal),
    findFronts(application, processes, signal).then(({ files: _, ...asking }) => asking),
    findCron(user, signal),
  ]);
  return {
    user,
    application,
    service,
    site,
    sources,
    local: site.local === null ? undefined : await checkoutOf(user, site.local, signal),
    ...fronts,
    published: await publishedSecrets(fronts.fronts, folder, signal),
    cron,
    hostsFile: namesIn((await textOf("/etc/hosts")) ?? ""),
    database: await describeDatabase(site, { user, python: application.python }, signal),
  };
}

interface Found {
  readonly application: Gunicorn;
  readonly service: Service;
}

async function findSite(
  where: string | undefined,
  processes: readonly Process[],
  signal: AbortSignal,
): Promise<Found> {
  const all = await Promise.all(
    findGunicorns(processes).map(async (application) => ({
      application,
      service: await serviceOf(application.process, processes, application.sources, signal),
    })),
  );
  const named = (one: Found) => where === undefined || isNamed(one, where);
  const found = all.filter(named);
  const [only, ...others] = found;
  const folders = (some: readonly Found[]) => some.map(({ application }) => application.sources);
  if (!only) throw new UpdaterError("adoptNothing", { where: where ?? null, others: folders(all) });
  if (others.length > 0)
    throw new UpdaterError("adoptSeveral", {
      folders: folders(found),
      first: only.application.sources,
    });
  return only;
}

function isNamed({ application: { sources }, service }: Found, where: string): boolean {
  const folder = where.replace(/(.)\/+$/, "$1");
  const names =
    service.kind === "nothing" ? [] : [service.name, basename(service.name, ".service")];
  return [sources, dirname(sources), ...names].includes(folder);
}

/** How nginx calls its first process. */
const masterTitle = "nginx: master process ";

/**
 * Servers of the machine's nginx that ask a socket, whoever may listen on it; and whether nginx may still do what its files said
 * before they were changed.
 */
export async function frontsAsking(
  path: string,
  signal: AbortSignal,
): Promise<Pick<Inspection, "fronts" | "frontUnknown"> & { readonly unread: boolean }> {
  const binds = [{ kind: "socket", path } as const];
  const processes = await listProcesses();
  const { files, ...found } = await findFronts({ binds }, processes, signal);
  const changed = await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs));
  const workers = processes.filter(({ argv }) => argv[0]?.startsWith("nginx: worker process"));
  const began = await Promise.all(workers.map(async ({ pid }) => await beganAt(pid)));
  const oldest = Math.min(...began.filter((one) => one !== undefined));
  // Where none is found, it is another server that asks, or one that is just being started again.
  return { ...found, unread: workers.length === 0 || Math.max(...changed) > oldest };
}

async function findFronts(
  { binds }: Pick<Gunicorn, "binds">,
  processes: readonly Process[],
  signal: AbortSignal,
): Promise<Pick<Inspection, "fronts" | "frontUnknown"> & { readonly files: readonly string[] }> {
  const nginx = processes.find(({ argv }) => argv[0]?.startsWith(masterTitle));
  if (!nginx) return { fronts: [], frontUnknown: undefined, files: [] };
  const started = (nginx.argv[0] ?? "").slice(masterTitle.length).split(" ");
  // What it was told of files; what it was told of being a daemon is no concern of a look.
  const options = ["-p", "-c"].flatMap((name) => {
    const at = started.indexOf(name);
    return at === -1 ? [] : [name, started[at + 1] ?? ""];
  });
  const command = [nginx.program ?? started[0] ?? "nginx", ...options, "-T"];
  // As whoever it belongs to.
  const answer = await runAs(await userOf(nginx.user), command, { folder: "/", limitMs, signal });
  const { done, stdout, complaint } = answer;
  if (!done) return { fronts: [], frontUnknown: complaint.split("\n").at(-1) ?? "", files: [] };
  const files = [...stdout.matchAll(/^# configuration file (.+):$/gm)].map(([, name = ""]) => name);
  try {
    const [file = "/etc/nginx/nginx.conf"] = files;
    return { fronts: frontsOf(stdout, dirname(file), binds), frontUnknown: undefined, files };
  } catch (error) {
    return { fronts: [], frontUnknown: messageOf(error), files };
  }
}

async function findCron(user: User, signal: AbortSignal): Promise<readonly CronLine[]> {
  const options = { folder: "/", limitMs, signal };
  const own = await runAs(user, ["crontab", "-l"], options).catch(() => undefined);
  const ofSystem = ["/etc/crontab", ...(await filesOf("/etc/cron.d"))];
  const texts = ofSystem.map(async (file) => jobLines(file, (await textOf(file)) ?? "", true));
  const lines = own?.done ? jobLines(`crontab -u ${user.name}`, own.stdout, false) : [];
  return [
    ...lines,
    ...(await Promise.all(texts)).flat().filter(({ text }) => text.includes(user.name)),
  ];
}

async function describeDatabase(
  site: SiteFacts,
  whose: { readonly user: User; readonly python: string },
  signal: AbortSignal,
): Promise<Inspection["database"]> {
  const own = databaseOf(site);
  if (!own) return undefined;
  try {
    const session = await connectAsSite(own, whose, signal);
    try {
      return { ...(await describeServer(session, own.user)), ...(await readNotCarried(session)) };
    } finally {
      await session.end();
    }
  } catch (error) {
    return { unknown: messageOf(error) };
  }
}

const filesOf = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(() => [])).map((name) => join(folder, name));
