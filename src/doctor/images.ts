import type { Configuration } from "../config/configuration.ts";
import { pythonImageOf } from "../build/build-environment.ts";
import { baseImage } from "../build/own-images.ts";
import { UpdaterError } from "../errors.ts";
import { imageCreatedAt } from "../engine/images.ts";
import type { InstanceView } from "../instance/read-instance.ts";
import { compareVersions } from "../lib/version.ts";
import { type Finding, ok, refusal, warning } from "./finding.ts";
import type { Machine } from "./check-context.ts";

const dayMs = 86_400_000;

/** Days after which Debian has published security updates worth a rebuild. */
const oldest = 30;

/** Base images are there, and not too far behind Debian's security updates. */
export async function checkBaseImages({
  engine,
  configuration,
  view,
}: Machine): Promise<Finding[]> {
  const python = configuration ? pythonImages(configuration, view) : [];
  const missing: Finding[] = [];
  const there: { image: string; createdAt: number }[] = [];
  for (const image of new Set([baseImage, ...python])) {
    const createdAt = await imageCreatedAt(engine, image);
    if (createdAt !== undefined) there.push({ image, createdAt });
    else missing.push(refusal(new UpdaterError("baseImageMissing", { image }), "image"));
  }
  return [...missing, ...judgeAges(there, Date.now())];
}

/** What the serving version is built on, where that is known, and what the newest versions are. */
export function pythonImages({ build }: Configuration, view: InstanceView | undefined): string[] {
  const serving = view?.serving ?? view?.servedUntilNow;
  const settings = [
    serving && build.versions.findLast(({ from }) => compareVersions(from, serving.tag) <= 0),
    build.versions.at(-1),
  ];
  return settings.flatMap((one) => (one ? [pythonImageOf(one)] : []));
}

/** @param images with the moments they were made, as `now` in milliseconds since the epoch */
export function judgeAges(
  images: readonly { readonly image: string; readonly createdAt: number }[],
  now: number,
): Finding[] {
  if (images.length === 0) return [];
  const old = images.filter(({ createdAt }) => now - createdAt > oldest * dayMs);
  const first = Math.min(...images.map(({ createdAt }) => createdAt));
  if (old.length === 0) {
    const names = images.map(({ image }) => image);
    return [ok("baseImages", { images: names, at: new Date(first).toISOString() })];
  }
  const [made, brought] = [true, false].map((own) =>
    old.flatMap(({ image }) => (image.startsWith("biomaid-updater/") === own ? [image] : [])),
  );
  const days = Math.floor((now - first) / dayMs);
  return [
    ...(made?.length ? [warning("baseImageOld", { images: made, days })] : []),
    ...(brought?.length ? [warning("siteImageOld", { images: brought, days })] : []),
  ];
}
