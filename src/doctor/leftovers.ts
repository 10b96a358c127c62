import { listContainers } from "../engine/containers.ts";
import { listImages, imageSize } from "../engine/images.ts";
import { label, labelsOf, type Labels } from "../engine/labels.ts";
import { listVolumes } from "../engine/volumes.ts";
import { UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { objectNames, rehearsalNumber } from "../instance/names.ts";
import { baseImage } from "../build/own-images.ts";
import { rehearsalThere } from "../rehearsal/rehearsal.ts";
import type { Generation } from "../instance/state.ts";
import { type Finding, ok, problem, refusal, warning } from "./finding.ts";
import type { Site } from "./check-context.ts";

/** A command's own scratch containers live for seconds. */
const scratchLifeMs = 600_000;
/** A release that was rehearsed and not swapped to yet may wait for its evening. */
const imageLifeMs = 7 * 86_400_000;

interface Found {
  readonly name: string;
  readonly labels: Labels;
}

/** What earlier operations left, which nothing but the label ties to the site. */
export async function checkLeftovers(site: Site): Promise<Finding[]> {
  const { instance, view, busy } = site;
  const { engine, name } = instance;
  const [containers, volumes] = await Promise.all([
    listContainers(engine, { [label.instance]: name }),
    listVolumes(engine, { [label.instance]: name }),
  ]);
  const lock = containers.find((one) => one.labels[label.role] === "control");
  if (busy) {
    return [ok("remains", { operation: lock?.labels[label.operation] ?? "?", rehearsal: false })];
  }
  const rehearsal = await rehearsalThere(instance);
  const objects: Found[] = [...containers, ...volumes];
  const findings = [
    ...(lock ? [deadLock(lock)] : []),
    ...cutOff(view),
    ...gates(site, containers),
    ...unfinished(site, objects),
    ...scratch(containers),
    ...strangers(site, objects.slice(containers.length)),
    ...(await unusedImages(site, containers)),
  ];
  const none = ok("remains", { operation: null, rehearsal: rehearsal === "kept" });
  return view.gateClosed || findings.length > 0 ? findings : [none];
}

function deadLock({ name, labels }: Found): Finding {
  return warning("deadLock", {
    container: name,
    operation: labels[label.operation] ?? "?",
    since: labels[label.since] ?? new Date(0).toISOString(),
  });
}

/** How to open it again, where it is known for whom. */
function gateClosed({ name, names, configuration }: Instance, served: Generation | undefined) {
  if (!served) return refusal(new UpdaterError("gateIsClosed", { instance: name }), "gate");
  return problem("gateClosed", {
    tag: served.tag,
    database: names.database(served.number),
    role: configuration.database.role,
    volume: names.control,
    slot: served.slot,
    image: baseImage,
  });
}

function cutOff({ journal }: Site["view"]): Finding[] {
  return journal ? [refusal(new UpdaterError("unfinished", journal), "unfinished")] : [];
}

function gates({ instance, view }: Site, containers: readonly Found[]): Finding[] {
  // `recover` opens them, or stops them.
  if (view.journal) return [];
  if (view.gateClosed) return [gateClosed(instance, view.servedUntilNow)];
  const left = containers.filter(({ labels }) => labels[label.role] === "gate");
  const names = left.map(({ name }) => name);
  return left.length > 0 ? [warning("gatesLeft", { containers: names })] : [];
}

function unfinished({ view }: Site, objects: readonly Found[]): Finding[] {
  const known = new Set(view.state.generations.map(({ number }) => number));
  const left = objects.filter(({ labels }) => {
    const number = Number(labels[label.generation] ?? Number.NaN);
    return number > rehearsalNumber && !known.has(number);
  });
  if (left.length === 0) return [];
  const generations = [...new Set(left.map(({ labels }) => Number(labels[label.generation])))];
  return [warning("unfinished", { generations, objects: left.map(({ name }) => name) })];
}

function scratch(containers: readonly (Found & { readonly createdAt: number })[]): Finding[] {
  const left = containers.filter(
    ({ labels, createdAt }) =>
      labels[label.role] === "scratch" &&
      labels[label.generation] === undefined &&
      Date.now() - createdAt > scratchLifeMs,
  );
  const names = left.map(({ name }) => name);
  return left.length > 0 ? [warning("scratchLeft", { containers: names })] : [];
}

/** Volumes of no generation whose names the site does not know. */
function strangers({ instance }: Site, volumes: readonly Found[]): Finding[] {
  const own = new Set(objectNames(instance.names, []).volumes);
  const left = volumes.filter(
    ({ name, labels }) => labels[label.generation] === undefined && !own.has(name),
  );
  const found = left.map(({ name }) => name);
  return left.length > 0 ? [warning("strangers", { volumes: found })] : [];
}

async function unusedImages(
  { instance, view }: Site,
  containers: readonly { readonly image: string }[],
): Promise<Finding[]> {
  const used = new Set([
    ...view.state.generations.map(({ image }) => image),
    ...containers.map(({ image }) => image),
  ]);
  const images = await listImages(instance.engine, labelsOf(instance.name, "image"));
  const unused = images
    .filter(({ createdAt }) => Date.now() - createdAt > imageLifeMs)
    .flatMap(({ tags }) => tags)
    .filter((tag) => !used.has(tag));
  if (unused.length === 0) return [];
  const sizes = await Promise.all(unused.map(async (tag) => imageSize(instance.engine, tag)));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return [warning("imagesUnused", { images: unused, bytes })];
}
