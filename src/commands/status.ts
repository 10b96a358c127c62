import { isRunning, listContainers, publishedPort } from "../engine/containers.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { exit } from "../errors.ts";
import { imageLabels } from "../engine/images.ts";
import { findLock, holderOf } from "../instance/instance-lock.ts";
import type { Instance } from "../instance/instance.ts";
import { rehearsalNumber } from "../instance/names.ts";
import { readMessages } from "../messages/store.ts";
import { rehearsalThere } from "../rehearsal/rehearsal.ts";
import { isPending, readScheduled, type ScheduledSwap } from "../scheduled/scheduled-swaps.ts";
import { changedSiteFiles } from "../instance/site-files.ts";
import type { Generation } from "../instance/state.ts";
import { isUnwell, type JobsOverview, overviewOfJobs } from "../jobs/overview.ts";
import { type WayBack, wayBack } from "../reverse-replication/way-back.ts";
import { type InstanceView, readInstance } from "../instance/read-instance.ts";
import { schedulerLives } from "../supervision/scheduler-container.ts";
import type { StepName } from "../text/catalogue.ts";
import type { Messages } from "../messages/compose.ts";
import { toldLines, toldValue } from "./told-messages.ts";
import { type Command, type Environment, openInstance, urlOf } from "./command.ts";

export const statusCommand = ({ metrics }: { metrics: boolean }): Command =>
  metrics ? printMetrics : printStatus;

/** For a monitoring system that reads files, such as node_exporter's. */
const printMetrics: Command = async (environment) => {
  const instance = await openInstance(environment, { recover: false });
  const view = await readInstance(instance.engine, instance.name);
  const busy = (await currentOperation(instance)) !== null;
  const { metricsOf } = await import("./metrics.ts");
  const text = await metricsOf(
    instance.name,
    view,
    busy ? undefined : await wayBackOf(instance, view),
    await jobsOf(instance),
  );
  environment.print(text.trimEnd(), { type: "metrics", text });
  return exit.done;
};

const printStatus: Command = async (environment) => {
  const instance = await openInstance(environment, { recover: false });
  const view = await readInstance(instance.engine, instance.name);
  const generations = await Promise.all(
    view.state.generations.map(async (generation) => await describe(instance, view, generation)),
  );
  const operation = await currentOperation(instance);
  const last = view.state.history.at(-1) ?? null;
  const rehearsal = await keptRehearsal(instance);
  const messages = await readMessages(instance.engine, instance.name);
  const back = view.serving && operation === null ? await wayBackOf(instance, view) : undefined;
  const settingsChanged = view.serving
    ? ((await changedSiteFiles(instance, view.serving.number)) ?? null)
    : null;
  const jobs = await jobsOf(instance);
  const scheduled = (await readScheduled(instance)).find(isPending);
  const found = {
    view,
    generations,
    operation,
    rehearsal,
    back,
    settingsChanged,
    jobs,
    messages,
    scheduled,
  };
  environment.print(textOf(environment, instance, found), {
    type: "status",
    instance: instance.name,
    url: urlOf(instance),
    gateClosed: view.gateClosed,
    serving: view.serving?.number ?? null,
    generations,
    operation,
    unfinished: operation === null ? (view.journal ?? null) : null,
    rehearsal,
    settingsChanged,
    wayBack: back ?? null,
    jobs: jobs ?? null,
    ...toldValue(messages),
    scheduled: scheduled ?? null,
    last,
  });
  const lost = back?.following && back.following.state !== "working";
  const forgotten = scheduled !== undefined && !(await schedulerLives(instance));
  return lost || forgotten || (jobs && isUnwell(jobs)) ? exit.cleanUpPending : exit.done;
};

/** Of a site whose jobs the updater runs. */
async function jobsOf(instance: Instance): Promise<JobsOverview | undefined> {
  if (!instance.configuration.jobs.enabled) return undefined;
  return await overviewOfJobs(instance, new Date());
}

/** Nothing a rollback leads to is asked while an operation may be stopping it. */
async function wayBackOf(
  instance: Instance,
  { state, serving }: InstanceView,
): Promise<WayBack | undefined> {
  if (!serving) return undefined;
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

async function currentOperation({ engine, name }: Instance) {
  const lock = await findLock(engine, name);
  return lock ? holderOf(lock.labels, lock.createdAt) : null;
}

/** A rehearsal that is kept to be looked at. */
async function keptRehearsal(instance: Instance) {
  if ((await rehearsalThere(instance)) !== "kept") return null;
  const { engine, names } = instance;
  const labels = labelsOf(instance.name, "application", rehearsalNumber);
  const [application] = await listContainers(engine, labels);
  const tag = application && (await imageLabels(engine, application.image))?.[label.tag];
  const port = await publishedPort(engine, names.rehearsalProxy);
  return { tag: tag ?? "?", url: port === undefined ? null : `http://127.0.0.1:${port}/` };
}

function textOf(
  { catalogue }: Environment,
  instance: Instance,
  found: {
    view: InstanceView;
    generations: readonly Description[];
    operation: Awaited<ReturnType<typeof currentOperation>>;
    rehearsal: Awaited<ReturnType<typeof keptRehearsal>>;
    back: WayBack | undefined;
    settingsChanged: readonly string[] | null;
    jobs: JobsOverview | undefined;
    messages: Messages;
    scheduled: ScheduledSwap | undefined;
  },
): string {
  const { status, outcomes, moment } = catalogue.cli;
  const { jobs } = instance.configuration;
  const lines = [status.instance(instance.name, urlOf(instance))];
  if (found.view.gateClosed) lines.push(status.gateClosed);
  else if (!found.view.serving) lines.push(status.nothingServing);
  for (const { number, tag, localCommit, role, running, createdAt } of found.generations) {
    const what = `${status[role]}, ${running ? status.running : status.stopped}`;
    const local = localCommit.slice(0, 10);
    lines.push(status.generation(number, tag, local, what, moment(createdAt)));
  }
  if (found.settingsChanged?.length) lines.push(status.settingsChanged(found.settingsChanged));
  if (found.back) lines.push(status.wayBack(found.back));
  if (found.scheduled) lines.push(catalogue.scheduled.status(found.scheduled, jobs.timeZone));
  if (found.jobs) lines.push(catalogue.jobs.status(found.jobs));
  if (found.rehearsal) lines.push(status.rehearsal(found.rehearsal.tag, found.rehearsal.url));
  lines.push(...toldLines(catalogue, found.messages, jobs));
  const last = found.view.state.history.at(-1);
  if (last) {
    const { operation, to, outcome, finishedAt } = last;
    lines.push(status.last(operation, to, outcomes[outcome], moment(finishedAt)));
  }
  const { journal } = found.view;
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
