import type { Engine } from "../engine/connect.ts";
import type { RestartPolicy } from "../engine/container-spec.ts";
import { type ContainerState, stateOf } from "../engine/containers.ts";
import { UpdaterError } from "../errors.ts";
import type { Generation } from "../instance/state.ts";
import { schedulerLives } from "../supervision/scheduler-container.ts";
import { Sessions } from "../runner/sessions.ts";
import { type Finding, ok, problem, refusal, warning } from "./finding.ts";
import type { Site } from "./check-context.ts";

/** What users reach runs, answers, and comes back after a reboot; what was left does not. */
export async function checkServing(site: Site): Promise<Finding[]> {
  const { instance, view, busy } = site;
  const { engine, names, name } = instance;
  const serving = view.serving ?? view.servedUntilNow;
  if (!serving) {
    const error = new UpdaterError("leftovers", { instance: name });
    return busy || view.gateClosed ? [] : [refusal(error, "instance")];
  }
  const needed = [
    names.proxy,
    names.database(serving.number),
    names.application(serving.number),
    ...(view.state.generations.some(({ bareMetal }) => bareMetal) ? [names.standIn] : []),
  ];
  const states = await statesOf(engine, needed);
  const missing = needed.filter((container) => !states.has(container));
  const stopped = needed.filter((container) => states.get(container)?.running === false);
  return [
    ...(missing.length > 0 ? [problem("missing", { containers: missing })] : []),
    ...(stopped.length > 0 ? [problem("stopped", { containers: stopped })] : []),
    ...(missing.length + stopped.length === 0 && view.serving
      ? await knock(site, view.serving)
      : []),
    ...policies(states, "unless-stopped"),
    ...(await checkScheduler(site)),
    ...(busy ? [] : await checkKept(site)),
  ];
}

/** Of a site whose jobs the updater runs. */
async function checkScheduler({ instance, view }: Site): Promise<Finding[]> {
  // What was installed by hand has its own lines of cron.
  const wanted = instance.configuration.jobs.enabled && !view.serving?.bareMetal;
  return wanted && !(await schedulerLives(instance)) ? [warning("schedulerDead", {})] : [];
}

async function knock({ instance, signal }: Site, serving: Generation): Promise<Finding[]> {
  await using sessions = new Sessions(instance);
  const pages = await (await sessions.application(serving.number)).ping(signal);
  const failing = pages.filter(({ status }) => status !== 200);
  return [
    failing.length === 0
      ? ok("serving", { tag: serving.tag, pages: pages.length })
      : problem("pagesFail", {
          tag: serving.tag,
          pages: failing.map(({ page, status }) => ({ page, status })),
        }),
  ];
}

/** Generations that were left are stopped, and stay so; but for the database that a rollback returns to. */
async function checkKept({ instance, view }: Site): Promise<Finding[]> {
  const { engine, names } = instance;
  const serving = view.serving ?? view.servedUntilNow;
  // While the gate is closed, what else runs is judged by the operation that opens it.
  if (view.gateClosed) return [];
  const kept = view.state.generations
    .filter(({ number }) => number !== serving?.number)
    .flatMap(({ number }) => [names.database(number), names.application(number)]);
  const states = await statesOf(engine, kept);
  const previous = view.serving?.previous ?? null;
  const follower = previous === null ? undefined : names.database(previous);
  // It takes in what users write, and goes on after a reboot.
  if (follower !== undefined && states.get(follower)?.running) states.delete(follower);
  const running = kept.filter((container) => states.get(container)?.running);
  return [
    ...(running.length > 0 ? [warning("keptRunning", { containers: running })] : []),
    ...policies(states, "no"),
  ];
}

type States = Map<string, ContainerState>;

async function statesOf(engine: Engine, containers: readonly string[]): Promise<States> {
  const states = new Map<string, ContainerState>();
  for (const container of containers) {
    const state = await stateOf(engine, container);
    if (state) states.set(container, state);
  }
  return states;
}

function policies(states: States, policy: RestartPolicy): Finding[] {
  const wrong = [...states].filter(([, { restart }]) => restart !== policy);
  const containers = wrong.map(([container]) => container);
  return containers.length > 0 ? [warning("restartPolicy", { containers, policy })] : [];
}
