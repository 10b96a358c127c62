import { tags } from "../support/miniature.ts";
import { difference } from "../support/scene.ts";
import type { Fault } from "./fault.ts";

/** A release that a swap undoes by itself. */
interface Failing {
  readonly title: string;
  readonly tag: string;
  /** Of the error, and what it says. */
  readonly code: string;
  readonly says: RegExp;
  readonly failedAt: string;
  readonly configuration?: Readonly<Record<string, string>>;
}

const releases: readonly Failing[] = [
  {
    title: "whose migration fails half-way",
    tag: tags.failingMigration,
    code: "releaseFails",
    says: /0\.8\.3/,
    failedAt: "migrate",
  },
  {
    title: "whose migration hangs",
    tag: tags.hangingMigration,
    code: "holdTooLong",
    says: /hold\.max \(6 s\)/,
    failedAt: "migrate",
    configuration: { hold: `max = "6s"\ndrain = "3s"` },
  },
  {
    title: "that answers 500 to users who are signed in",
    tag: tags.unhealthy,
    code: "pagesFail",
    says: /500 when signed in/,
    failedAt: "probe",
  },
  {
    title: "that does not boot",
    tag: tags.notBooting,
    code: "releaseFails",
    says: /Error/,
    failedAt: "boot",
  },
  {
    title: "that does not build",
    tag: tags.notBuilding,
    code: "releaseDoesNotBuild",
    says: /sqlparse/,
    failedAt: "build-image",
  },
];

export const failingReleases: readonly Fault[] = releases.map((release) => ({
  name: `a release ${release.title}`,
  class: "a release that fails",
  async run(scene) {
    await scene.reach(tags.first);
    await scene.site.configure(release.configuration ?? {});
    const before = await scene.picture();
    const found: string[] = [];
    const problems = await scene.problemsUnderLoad(async (work) => {
      const { exitCode, result, steps, transcript } = await scene.site.operate([
        "swap",
        release.tag,
      ]);
      const { error } = result as unknown as { error: { code: string; what: string } | null };
      const wanted = { exitCode: 3, code: release.code, failedAt: release.failedAt };
      found.push(...difference(wanted, { exitCode, code: error?.code, failedAt: steps.at(-1) }));
      if (!release.says.test(error?.what ?? "")) found.push(transcript);
      await work.everythingIsAnswered();
      const others = [...work.editions.values()].filter((seen) => seen.join() !== tags.first);
      if (others.length > 0) found.push(`users saw ${JSON.stringify(others)}`);
    });
    await scene.site.configure({});
    const last = (await scene.history()).at(-1);
    return [
      ...problems,
      ...found,
      ...difference(before, await scene.picture()),
      ...difference(
        { operation: "swap", from: tags.first, to: release.tag, outcome: "restored" },
        last ?? {},
      ),
    ];
  },
}));
