import { isRunning, listContainers, publishedAt } from "../engine/containers.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { exit } from "../errors.ts";
import { imageLabels } from "../engine/images.ts";
import { findLock, type Holder, holderOf } from "../instance/instance-lock.ts";
import type { Instance } from "../instance/instance.ts";
import type { Journal, ShownJournal } from "../instance/journal.ts";
import { rehearsalNumber } from "../instance/names.ts";
import { readMessages } from "../messages/store.ts";
import { rehearsalThere } from "../rehearsal/rehearsal.ts";
import { isPending, readScheduled } from "../scheduled/scheduled-swaps.ts";
import { changedSiteFiles } from "../instance/site-files.ts";
import type { Generation } from "../instance/state.ts";
import { isUnwell, type JobsOverview, overviewOfJobs } from "../jobs/overview.ts";
import { type WayBack, wayBack } from "../reverse-replication/way-back.ts";
import { type InstanceView, readInstance } from "../instance/read-instance.ts";
import { schedulerLives } from "../supervision/scheduler-container.ts";
import type { Catalogue, StepName } from "../text/catalogue.ts";
import { toldLines, toldValue } from "./told-messages.ts";
import { type Command, openInstance, urlOf } from "./command.ts";

export const statusCommand = ({ metrics }: { metrics?: true }): Command =>
  metrics ? printMetrics : printStatus;

/** For a monitoring system that reads files, such as node_exporter's. */
const printMetrics: Command = async (environment) => {
  const instance = await openInstance(environment, { recover: false });
  const view = await readInstance(instance.engine, instance.name);
  const back = await wayBackOf(instance, view, await currentOperation(instance));
  const { metricsOf } = await import("./metrics.ts");
  const text = await metricsOf(instance.name, view, back, await jobsOf(instance, view));
  environment.print(text.trimEnd(), { type: "metrics", text });
};

const printStatus: Command = async (environment) => {
  const instance = await openInstance(environment, { recover: false });
  const found = await look(instance);
  const { view, messages, ...told } = found;
  const { operation, wayBack: back, jobs, scheduled } = told;
  environment.print(textOf(environment.catalogue, instance, found), {
    type: "status",
    instance: instance.name,
    url: urlOf(instance),
    gateClosed: view.gateClosed,
    serving: view.serving?.number ?? null,
    ...told,
    unfinished: operation === null ? shown(view.journal) : null,
    toTidy: operation === null ? shown(view.toTidy) : null,
    ...toldValue(messages),
  });
  const lost = back?.following && back.following.state !== "working";
  const forgotten = scheduled !== null && !(await schedulerLives(instance));
  return (view.toTidy && operation === null) || lost || forgotten || (jobs && isUnwell(jobs))
    ? exit.cleanUpPending
    : exit.done;
};

function shown(journal: Journal | undefined): ShownJournal | null {
  if (!journal) return null;
  const { configuration: _, ...rest } = journal;
  return rest;
}

type Found = Awaited<ReturnType<typeof look>>;

async function look(instance: Instance) {
  const { engine, name } = instance;
  const view = await readInstance(engine, name);
  const { state, serving } = view;
  const operation = await currentOperation(instance);
  const own = serving?.bareMetal ? undefined : serving;
  return {
    view,
    generations: await Promise.all(
      state.generations.map(async (generation) => await describe(instance, view, generation)),
    ),
    operation,
    rehearsal: await keptRehearsal(instance),
    settingsChanged: (own && (await changedSiteFiles(instance, own.number))) ?? null,
    wayBack: (await wayBackOf(instance, view, operation)) ?? null,
    jobs: (await jobsOf(instance, view)) ?? null,
    messages: await readMessages(engine, name),
    scheduled: (await readScheduled(instance)).find(isPending) ?? null,
    last: state.history.at(-1) ?? null,
  };
}

/** Of a site whose jobs the updater runs. */
async function jobsOf(
  instance: Instance,
  { serving }: InstanceView,
): Promise<JobsOverview | undefined> {
  // What was installed by hand has its own lines of cron.
  if (!instance.configuration.jobs.enabled || serving?.bareMetal) return undefined;
  return await overviewOfJobs(instance, new Date());
}

/** Nothing a rollback leads to is asked while an operation may be stopping it. */
async function wayBackOf(
  instance: Instance,
  { state, serving }: InstanceView,
  operation: Holder | null,
): Promise<WayBack | undefined> {
  if (!serving || operation) return undefined;
  const previous = state.generations.find(({ number }) => number === serving.previous);
  return await wayBack(instance, serving, previous);
}

type Description = Generation & {
  readonly role: "serving" | "servedUntilNow" | "previous" | "candidate" | "abandoned" | "kept";
  readonly running: boolean;
};

async function describe(
  { engine, names }: Instance,
  view: InstanceView,
  generation: Generation,
): Promise<Description> {
  const role = roleOf(generation, view);
  return {
    ...generation,
    role,
    running: await isRunning(engine, names.application(generation.number)),
  };
}

function roleOf(
  generation: Generation,
  { serving, servedUntilNow }: InstanceView,
): Description["role"] {
  const latest = serving ?? servedUntilNow;
  if (generation.number === latest?.number) return serving ? "serving" : "servedUntilNow";
  if (generation.abandoned) return "abandoned";
  if (generation.number === latest?.previous) return "previous";
  return generation.number > (latest?.number ?? 0) ? "candidate" : "kept";
}

async function currentOperation({ engine, name }: Instance): Promise<Holder | null> {
  const lock = await findLock(engine, name);
  if (lock) return holderOf(lock.labels, lock.createdAt);
  // One that has just been asked for looks around before it takes the lock.
  const [operator] = await listContainers(engine, labelsOf(name, "operator"));
  if (!operator?.running) return null;
  return holderOf(operator.labels, new Date(operator.createdAt).toISOString());
}

async function keptRehearsal(instance: Instance) {
  if ((await rehearsalThere(instance)) !== "kept") return null;
  const { engine, names } = instance;
  const labels = labelsOf(instance.name, "application", rehearsalNumber);
  const [application] = await listContainers(engine, labels);
  const tag = application && (await imageLabels(engine, application.image))?.[label.tag];
  const port = (await publishedAt(engine, names.rehearsalProxy))?.port;
  return { tag: tag ?? "?", url: port === undefined ? null : `http://127.0.0.1:${port}/` };
}

function textOf(catalogue: Catalogue, instance: Instance, found: Found): string {
  const { status, outcomes, moment } = catalogue.cli;
  const { jobs } = instance.configuration;
  const lines = [status.instance(instance.name, urlOf(instance))];
  if (found.view.gateClosed) lines.push(status.gateClosed);
  else if (!found.view.serving) lines.push(status.nothingServing);
  for (const generation of found.generations) {
    const { number, tag, localCommit, role, running, createdAt, bareMetal } = generation;
    const how = bareMetal && running ? status.bareMetal(bareMetal.sources) : undefined;
    const what = `${status[role]}, ${how ?? (running ? status.running : status.stopped)}`;
    const local = localCommit.slice(0, 10);
    lines.push(status.generation(number, tag, local, what, moment(createdAt)));
  }
  if (found.settingsChanged?.length) lines.push(status.settingsChanged(found.settingsChanged));
  if (found.wayBack) lines.push(status.wayBack(found.wayBack));
  if (found.scheduled) lines.push(catalogue.scheduled.status(found.scheduled, jobs.timeZone));
  if (found.jobs) lines.push(catalogue.jobs.status(found.jobs, jobs.timeZone));
  if (found.rehearsal) lines.push(status.rehearsal(found.rehearsal.tag, found.rehearsal.url));
  lines.push(...toldLines(catalogue, found.messages, jobs));
  if (found.last) {
    const { operation, to, outcome, finishedAt } = found.last;
    lines.push(status.last(operation, to, outcomes[outcome], moment(finishedAt)));
  }
  const { journal, toTidy } = found.view;
  if (toTidy && !found.operation) {
    const steps = toTidy.left?.map((step) => catalogue.steps[step as StepName] ?? step) ?? [];
    lines.push(status.toTidy(toTidy.operation, toTidy.to, steps));
  }
  if (journal && !found.operation) {
    const step = catalogue.steps[journal.begun.at(-1) as StepName] ?? journal.begun.at(-1);
    lines.push(status.unfinished(journal.operation, journal.to, moment(journal.startedAt), step));
  }
  if (found.operation) {
    const { operation, holder, since } = found.operation;
    lines.push(status.operation(operation, holder, moment(since)));
  }
  return lines.join("\n");
}
